/// An AgentX subagent over a fixed table, for the tests of the snmpd module. It logs each request with its context field,
/// accepts each SET of an object it has without doing anything, and can be told to answer GetBulk wrongly.
///
///     subagent --socket PATH --table FILE [--description TEXT] [--big-endian] [--log FILE] [--bulk BEHAVIOUR]
///
/// The table's lines, objects in order: `register OID [PRIORITY [CONTEXT]]`, `OID TYPE VALUE` with TYPE i, s, o, c, g, t
/// or C. It prints `ready` once everything is registered, and ends with the connection.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { OPEN = 1, CLOSE, REGISTER, UNREGISTER, GET, GETNEXT, GETBULK, TESTSET, COMMITSET, UNDOSET, CLEANUPSET };
enum { RESPONSE = 18, NON_DEFAULT_CONTEXT = 0x08, NETWORK_BYTE_ORDER = 0x10, LIMIT = 65536 };
enum { NO_SUCH_OBJECT = 128, END_OF_MIB_VIEW = 130, PARSE_ERROR = 266 };

struct name {
    uint32_t ids[128];
    unsigned length;
};

struct object {
    struct name name;
    uint16_t type;
    uint64_t number;
    struct name value_name;
    char *octets;
};

struct registration {
    struct name name;
    unsigned priority;
    const char *context;
};

static struct object *objects;
static size_t object_count;
static struct registration registrations[64];
static size_t registration_count;
static bool big_endian;
static const char *bulk_behaviour = "good";
static FILE *log_file;
static int connection;
static uint32_t session_id;
static unsigned long bulk_requests;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

// Names

static struct name parse_name(const char *text) {
    struct name name = {.length = 0};
    while (*text != 0 && name.length < 128) {
        name.ids[name.length++] = (uint32_t)strtoul(text, (char **)&text, 10);
        text += *text == '.';
    }
    return name;
}

static int compare(const struct name *a, const struct name *b) {
    unsigned shorter = a->length < b->length ? a->length : b->length;
    for (unsigned i = 0; i < shorter; i++)
        if (a->ids[i] != b->ids[i])
            return a->ids[i] < b->ids[i] ? -1 : 1;
    return a->length == b->length ? 0 : a->length < b->length ? -1 : 1;
}

/// First object that is not before `name`, or if not `inclusive`, after it.
static size_t search(const struct name *name, bool inclusive) {
    size_t low = 0, high = object_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(&objects[middle].name, name);
        if (order < 0 || (order == 0 && !inclusive))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The table

static void load_table(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL, first[1024], second[64];
    size_t capacity = 0, room = 0;
    int rest;

    if (file == NULL)
        die("%s: %s", path, strerror(errno));
    while (getline(&line, &capacity, file) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%1023s %63s%n", first, second, &rest) < 2)
            die("%s: bad line: %s", path, line);
        if (strcmp(first, "register") == 0) {
            struct registration *added = &registrations[registration_count++];
            char context[64] = "";
            added->priority = 127;
            added->name = parse_name(second);
            sscanf(line + rest, "%u %63s", &added->priority, context);
            added->context = context[0] ? strdup(context) : NULL;
            continue;
        }
        if (object_count == room)
            objects = realloc(objects, (room = room * 2 + 64) * sizeof *objects);
        struct object *object = &objects[object_count++];
        const char *value = line[rest] == ' ' ? line + rest + 1 : "";
        memset(object, 0, sizeof *object);
        object->name = parse_name(first);
        object->number = strtoull(value, NULL, 10);
        switch (second[0]) {
        case 'i': object->type = 2; break;
        case 's': object->type = 4, object->octets = strdup(value); break;
        case 'o': object->type = 6, object->value_name = parse_name(value); break;
        case 'c': object->type = 65; break;
        case 'g': object->type = 66; break;
        case 't': object->type = 67; break;
        case 'C': object->type = 70; break;
        default: die("%s: bad type: %s", path, line);
        }
        if (object_count > 1 && compare(&object[-1].name, &object->name) >= 0)
            die("%s: not in order: %s", path, line);
    }
    free(line);
    fclose(file);
}

// Encoding

static uint8_t out[4 * LIMIT];
static size_t out_length;

static void put8(unsigned value) {
    if (out_length < sizeof out)
        out[out_length++] = (uint8_t)value;
}

static void put_order(uint64_t value, int octets, bool big) {
    for (int i = 0; i < octets; i++)
        put8((unsigned)(value >> 8 * (big ? octets - 1 - i : i)) & 255);
}

static void put16(unsigned value) { put_order(value, 2, big_endian); }
static void put32(uint32_t value) { put_order(value, 4, big_endian); }

static void put_name(const struct name *name) {
    put8(name->length), put8(0), put8(0), put8(0);
    for (unsigned i = 0; i < name->length; i++)
        put32(name->ids[i]);
}

static void put_octets(const char *octets, size_t length) {
    put32((uint32_t)length);
    for (size_t i = 0; i < (length + 3) / 4 * 4; i++)
        put8(i < length ? (uint8_t)octets[i] : 0);
}

static void put_header(int type, int flags, uint32_t transaction, uint32_t packet) {
    out_length = 0;
    put8(1), put8((unsigned)type), put8((unsigned)flags | (big_endian ? NETWORK_BYTE_ORDER : 0)), put8(0);
    put32(session_id), put32(transaction), put32(packet), put32(0);
}

static void put_exception(const struct name *name, unsigned type) {
    put16(type), put16(0), put_name(name);
}

static void put_object(const struct object *object) {
    put16(object->type), put16(0), put_name(&object->name);
    if (object->type == 4)
        put_octets(object->octets, strlen(object->octets));
    else if (object->type == 6)
        put_name(&object->value_name);
    else
        put_order(object->number, object->type == 70 ? 8 : 4, big_endian);
}

static void send_out(void) {
    size_t length = out_length, sent = 0;
    out_length = 16, put32((uint32_t)(length - 20)), out_length = length;
    while (sent < length) {
        ssize_t written = write(connection, out + sent, length - sent);
        if (written < 0 && errno != EINTR)
            exit(0);
        sent += written > 0 ? (size_t)written : 0;
    }
}

// Decoding

static const uint8_t *in;
static size_t in_left;
static bool in_big, in_bad;

static uint64_t get(int octets) {
    uint64_t value = 0;
    if (in_left < (size_t)octets) {
        in_bad = true;
        in_left = 0;
        return 0;
    }
    for (int i = 0; i < octets; i++)
        value |= (uint64_t)in[i] << 8 * (in_big ? octets - 1 - i : i);
    in += octets, in_left -= (size_t)octets;
    return value;
}

static struct name get_name(bool *include) {
    struct name name = {.length = 0};
    unsigned count = (unsigned)get(1), prefix = (unsigned)get(1);
    bool inclusive = get(1) != 0;
    get(1);
    if (include != NULL)
        *include = inclusive;
    if (prefix != 0) {
        const uint32_t internet[5] = {1, 3, 6, 1, prefix};
        memcpy(name.ids, internet, sizeof internet);
        name.length = 5;
    }
    for (unsigned i = 0; i < count && name.length < 128; i++)
        name.ids[name.length++] = (uint32_t)get(4);
    return name;
}

static void skip_value(uint16_t type) {
    if (type == 4 || type == 64 || type == 68)
        for (uint32_t length = ((uint32_t)get(4) + 3) / 4 * 4; length > 0 && !in_bad; length--)
            get(1);
    else if (type == 6)
        get_name(NULL);
    else if (type == 70)
        get(8);
    else if (type < 128 && type != 5)
        get(4);
}

static void log_name(const struct name *name) {
    if (log_file == NULL)
        return;
    for (unsigned i = 0; i < name->length; i++)
        fprintf(log_file, i ? ".%u" : "%u", name->ids[i]);
}

// Requests

static void answer_get(void) {
    while (in_left > 0 && !in_bad) {
        struct name name = get_name(NULL);
        get_name(NULL);
        size_t at = search(&name, true);
        if (at < object_count && compare(&objects[at].name, &name) == 0)
            put_object(&objects[at]);
        else
            put_exception(&name, NO_SUCH_OBJECT);
    }
}

static void answer_next(void) {
    while (in_left > 0 && !in_bad) {
        bool include;
        struct name name = get_name(&include), end = get_name(NULL);
        size_t at = search(&name, include);
        if (at < object_count && (end.length == 0 || compare(&objects[at].name, &end) < 0))
            put_object(&objects[at]);
        else
            put_exception(&name, END_OF_MIB_VIEW);
    }
}

struct walk {
    struct name end, last;
    size_t at;
};

static void put_cell(struct walk *walk) {
    if (walk->at < object_count && (walk->end.length == 0 || compare(&objects[walk->at].name, &walk->end) < 0)) {
        walk->last = objects[walk->at].name;
        put_object(&objects[walk->at++]);
    } else {
        put_exception(&walk->last, END_OF_MIB_VIEW);
    }
}

static bool is(const char *behaviour) { return strcmp(bulk_behaviour, behaviour) == 0; }

/// @return the error to answer.
static unsigned answer_bulk(unsigned non_repeaters, unsigned repetitions) {
    static struct walk walks[8192];
    unsigned count = 0;
    while (in_left > 0 && !in_bad && count < 8192) {
        bool include;
        struct name name = get_name(&include);
        walks[count] = (struct walk){.end = get_name(NULL), .last = name, .at = search(&name, include)};
        count++;
    }
    bulk_requests++;
    bool odd = bulk_requests % 3 == 0;
    if (non_repeaters > count)
        non_repeaters = count;
    if (is("error") && odd)
        return 5;
    if (is("parse-error") && odd)
        return PARSE_ERROR;
    if (is("empty") && odd)
        return 0;
    if (is("die") && bulk_requests == 20)
        _exit(9);
    unsigned repeaters = count - non_repeaters, rows = repetitions;
    if (is("short") && rows > 2)
        rows = 1 + (unsigned)(bulk_requests % 3);
    for (unsigned i = 0; i < non_repeaters; i++)
        put_cell(&walks[i]);
    for (unsigned row = 0; row < rows; row++) {
        bool live = false;
        for (unsigned i = 0; i < repeaters; i++) {
            struct walk *walk = &walks[non_repeaters + i];
            size_t before = out_length;
            if (is("unsorted") && odd && row == 1)
                walk->at = 0;
            if (is("outside") && odd && row == 1 && compare(&objects[object_count - 1].name, &walk->end) >= 0)
                walk->end.length = 0, walk->at = object_count - 1;
            if (is("exception") && odd && row == 1)
                put_exception(&walk->last, NO_SUCH_OBJECT);
            else
                put_cell(walk);
            if (out_length > LIMIT - 1024) {
                out_length = before;
                return 0;
            }
            if (is("ragged") && row > 0 && i == repeaters / 2 && odd)
                return 0;
            live = live || walk->at < object_count;
        }
        if (!live)
            break;
    }
    if (is("surplus") && odd)
        put_object(&objects[0]);
    return 0;
}

static void log_request(int type, uint32_t transaction, uint32_t packet, const char *context, size_t context_length) {
    static const char *names[] = {"", "", "", "", "", "Get", "GetNext", "GetBulk", "TestSet", "CommitSet", "UndoSet",
                                  "CleanupSet"};
    if (log_file == NULL)
        return;
    fprintf(log_file, "%s transaction=%u packet=%u context=", type >= GET && type <= CLEANUPSET ? names[type] : "?",
            transaction, packet);
    for (size_t i = 0; i < context_length; i++)
        fprintf(log_file, "%02x", (uint8_t)context[i]);
}

static void handle(const uint8_t *pdu, size_t length) {
    int type = pdu[1], flags = pdu[2];
    in = pdu + 4, in_left = length - 4, in_big = flags & NETWORK_BYTE_ORDER, in_bad = false;
    get(4);
    uint32_t transaction = (uint32_t)get(4), packet = (uint32_t)get(4), context_length = 0;
    const char *context = "";
    get(4);
    if (flags & NON_DEFAULT_CONTEXT) {
        context_length = (uint32_t)get(4);
        context = (const char *)in;
        for (uint32_t i = (context_length + 3) / 4 * 4; i > 0; i--)
            get(1);
    }
    if (type == RESPONSE || type == CLOSE)
        return;
    log_request(type, transaction, packet, context, context_length);
    put_header(RESPONSE, 0, transaction, packet);
    put32(0), put16(0), put16(0);
    unsigned error = 0, error_index = 0;
    switch (type) {
    case GET: answer_get(); break;
    case GETNEXT: answer_next(); break;
    case GETBULK: {
        unsigned non_repeaters = (unsigned)get(2), repetitions = (unsigned)get(2);
        if (log_file != NULL)
            fprintf(log_file, " non-repeaters=%u repetitions=%u", non_repeaters, repetitions);
        error = answer_bulk(non_repeaters, repetitions);
        break;
    }
    case TESTSET:
        for (unsigned index = 1; in_left > 0 && !in_bad; index++) {
            uint16_t value_type = (uint16_t)get(2);
            get(2);
            struct name name = get_name(NULL);
            size_t at = search(&name, true);
            if (error == 0 && (at == object_count || compare(&objects[at].name, &name) != 0))
                error = 11, error_index = index;
            if (log_file != NULL)
                fputs(" set=", log_file), log_name(&name);
            if (value_type == 2 && log_file != NULL)
                fprintf(log_file, "=%u", (uint32_t)get(4));
            else
                skip_value(value_type);
        }
        break;
    default: break;
    }
    if (log_file != NULL)
        fputc('\n', log_file), fflush(log_file);
    if (type == CLEANUPSET)
        return;
    if (in_bad)
        error = PARSE_ERROR;
    size_t end = error != 0 ? 28 : out_length;
    out_length = 24, put16(error), put16(error_index), out_length = end;
    send_out();
}

// The connection

/// Reads one message into a static buffer. @return its length.
static size_t receive(uint8_t **message) {
    static uint8_t buffer[2 * LIMIT];
    static size_t filled, used;
    memmove(buffer, buffer + used, filled -= used);
    used = 0;
    for (;;) {
        if (filled >= 20) {
            in = buffer + 16, in_left = 4, in_big = buffer[2] & NETWORK_BYTE_ORDER;
            used = 20 + (size_t)get(4);
            if (used > sizeof buffer)
                die("a message of %zu octets", used);
            if (filled >= used) {
                *message = buffer;
                return used;
            }
        }
        ssize_t received = read(connection, buffer + filled, sizeof buffer - filled);
        if (received == 0 || (received < 0 && errno != EINTR))
            exit(0);
        filled += received > 0 ? (size_t)received : 0;
    }
}

/// Sends what is in `out` and waits for its response. @return its session id.
static uint32_t ask(const char *what) {
    uint8_t *message;
    send_out();
    do
        receive(&message);
    while (message[1] != RESPONSE);
    in = message + 4, in_left = 24, in_big = message[2] & NETWORK_BYTE_ORDER;
    uint32_t session = (uint32_t)get(4);
    get(8), get(4), get(4);
    unsigned error = (unsigned)get(2);
    if (error != 0)
        die("%s: error %u", what, error);
    return session;
}

static void open_session(const char *path, const char *description) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct name none = {.length = 0};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    connection = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        die("%s: %s", path, strerror(errno));
    put_header(OPEN, 0, 0, 1);
    put32(0), put_name(&none), put_octets(description, strlen(description));
    session_id = ask("open");
    for (size_t i = 0; i < registration_count; i++) {
        const struct registration *added = &registrations[i];
        put_header(REGISTER, added->context != NULL ? NON_DEFAULT_CONTEXT : 0, 0, (uint32_t)i + 2);
        if (added->context != NULL)
            put_octets(added->context, strlen(added->context));
        put8(0), put8(added->priority), put8(0), put8(0), put_name(&added->name);
        ask("register");
    }
}

int main(int argc, char **argv) {
    const char *path = NULL, *description = "test subagent", *table = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--big-endian") == 0)
            big_endian = true;
        else if (i + 1 == argc)
            die("%s: what?", argv[i]);
        else if (strcmp(argv[i], "--socket") == 0)
            path = argv[++i];
        else if (strcmp(argv[i], "--table") == 0)
            table = argv[++i];
        else if (strcmp(argv[i], "--description") == 0)
            description = argv[++i];
        else if (strcmp(argv[i], "--log") == 0)
            log_file = fopen(argv[++i], "a");
        else if (strcmp(argv[i], "--bulk") == 0)
            bulk_behaviour = argv[++i];
        else
            die("%s: what?", argv[i]);
    }
    if (path == NULL || table == NULL)
        die("usage: subagent --socket PATH --table FILE ...");
    load_table(table);
    open_session(path, description);
    puts("ready");
    fflush(stdout);
    for (;;) {
        uint8_t *message;
        size_t length = receive(&message);
        handle(message, length);
    }
}
