/// Tests of what the module computes without net-snmp: records, wishes, plans. Prints `unit: N passed, N failed`.

#include "bulk_plan.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Whether the test that is running has met only what it expected.
static int good;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            good = 0;                                                                                                  \
            fprintf(stderr, "unit.c:%d: %s\n", __LINE__, #condition);                                                  \
        }                                                                                                              \
    } while (0)

static struct orion_octets octets(const char *text) {
    return (struct orion_octets){text, strlen(text)};
}

static struct orion_principal alice(void) {
    return (struct orion_principal){
        .request_id = 7,
        .transaction_id = 42,
        .version = 3,
        .security_name = octets("alice"),
        .security_model = 3,
        .security_level = 3,
        .peer = octets("udp:192.0.2.1:4711"),
    };
}

static void a_record_is_the_documented_line(void) {
    char out[ORION_RECORD_MAX + 1];
    struct orion_principal principal = alice();
    const char *expected = "\xff" "orion1;r=7;t=42;v=3;u=alice;m=3;l=3;c=;a=udp:192.0.2.1:4711";

    EXPECT(orion_format_record(out, sizeof out, &principal) == strlen(expected));
    EXPECT(strcmp(out, expected) == 0);
}

static void each_octet_is_encoded_or_plain(void) {
    for (int c = 0; c < 256; c++) {
        char octet = (char)c, out[ORION_RECORD_MAX + 1], expected[16];
        struct orion_principal principal = alice();
        int plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c != 0 && strchr("-._~:@/", c));
        principal.security_name = (struct orion_octets){&octet, 1};
        snprintf(expected, sizeof expected, plain ? ";u=%c;m=" : ";u=%%%02X;m=", c);
        EXPECT(orion_format_record(out, sizeof out, &principal) > 0);
        EXPECT(strstr(out, expected) != NULL);
    }
}

static void the_longest_names_fit(void) {
    char name[255], path[127], out[ORION_RECORD_MAX + 1];
    struct orion_principal principal = alice();

    memset(name, 0xFE, sizeof name);
    memset(path, ';', sizeof path);
    principal.request_id = -2147483647 - 1;
    principal.transaction_id = UINT32_MAX;
    principal.security_model = -2147483647 - 1;
    principal.security_name = principal.context_name = (struct orion_octets){name, sizeof name};
    principal.peer = (struct orion_octets){path, sizeof path};
    EXPECT(orion_format_record(out, sizeof out, &principal) > 2 * 3 * 255 + 3 * 127);
}

static void what_does_not_fit_is_absent(void) {
    struct orion_principal principal = alice();
    char reference[ORION_RECORD_MAX + 1];
    size_t length = orion_format_record(reference, sizeof reference, &principal);

    for (size_t capacity = 1; capacity <= length + 2; capacity++) {
        char *out = malloc(capacity);
        size_t written = orion_format_record(out, capacity, &principal);
        EXPECT(written == (capacity > length ? length : 0));
        EXPECT(strlen(out) == written);
        free(out);
    }
}

static void a_refusal_names_the_object_and_the_loss(void) {
    const unsigned long name[] = {1, 3, 6, 4294967295};
    struct orion_refusal refusal = {
        .principal = alice(), .operation = "set", .code = 5, .name = name, .name_length = 4, .lost = 3};
    char out[ORION_EVENT_MAX + 1];

    EXPECT(orion_format_refusal(out, sizeof out, &refusal) == strlen(out));
    EXPECT(strcmp(strstr(out, ";k="), ";k=set;e=5;o=1.3.6.4294967295;n=3") == 0);
}

static void a_summary_of_access_names_the_weak_writers(void) {
    char out[ORION_EVENT_MAX + 1];
    struct orion_access access = {
        .members = {1, 2, 3}, .groups = 4, .weak_writers = 1, .weak = {{{"old ones", 8}, 2, 1}}};

    EXPECT(orion_format_access(out, sizeof out, &access) == strlen(out));
    EXPECT(strcmp(out, "\xff" "orion1access;p=3;a=2;n=1;g=4;w=1;u=old%20ones;m=2;l=1") == 0);
}

static void the_longest_summary_of_access_fits(void) {
    char name[32], out[ORION_EVENT_MAX + 1];
    struct orion_access access = {.weak_writers = 1000};

    memset(name, 0, sizeof name);
    for (int i = 0; i < ORION_WEAK_WRITERS_MAX; i++)
        access.weak[i] = (struct orion_weak_writer){{name, sizeof name}, 2147483647, 2};
    EXPECT(orion_format_access(out, sizeof out, &access) > ORION_WEAK_WRITERS_MAX * 3 * sizeof name);
}

static void the_longest_refusal_fits(void) {
    unsigned long name[128];
    char text[255], out[ORION_EVENT_MAX + 1];
    struct orion_refusal refusal = {
        .principal = alice(), .operation = "getbulk", .code = 5, .name = name, .name_length = 128, .lost = ~0UL};

    for (size_t i = 0; i < 128; i++)
        name[i] = 4294967295;
    memset(text, 1, sizeof text);
    refusal.principal.security_name = refusal.principal.context_name = (struct orion_octets){text, sizeof text};
    refusal.principal.peer = (struct orion_octets){text, 113};
    EXPECT(orion_format_refusal(out, sizeof out, &refusal) > 0);
}

static void wishes_are_whole_tokens(void) {
    const struct {
        const char *description;
        unsigned wishes;
    } cases[] = {
        {NULL, 0},
        {"", 0},
        {"   ", 0},
        {"oriond", 0},
        {"oriond orion-principal=1", ORION_WISH_SET_PRINCIPAL},
        {"oriond orion-principal=2", ORION_WISH_SET_PRINCIPAL | ORION_WISH_READ_PRINCIPAL},
        {"oriond  orion-bulk=1 ", ORION_WISH_BULK},
        {"orion-bulk=1 orion-principal=1 oriond", ORION_WISH_BULK | ORION_WISH_SET_PRINCIPAL},
        {"oriond orion-principal=10", 0},
        {"oriond orion-principal=", 0},
        {"oriond orion-principal=0 orion-bulk=0", 0},
        {"oriond xorion-bulk=1", 0},
        {"oriond\torion-bulk=1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        EXPECT(orion_wishes(cases[i].description) == cases[i].wishes);
}

static void the_column_that_wants_least_sets_the_repetitions(void) {
    const struct orion_bulk_column columns[] = {{1, 11}, {50, 11}, {7, 11}, {1, 11}, {50, 11}};
    struct orion_bulk_plan plan = orion_plan_bulk(columns, 5, 1 << 30);

    EXPECT(plan.non_repeaters == 2 && plan.repeaters == 3 && plan.repetitions == 7);
}

static void columns_of_one_cell_need_no_repetition(void) {
    const struct orion_bulk_column columns[] = {{1, 11}, {1, 2}};
    struct orion_bulk_plan plan = orion_plan_bulk(columns, 2, 1 << 30);

    EXPECT(plan.non_repeaters == 2 && plan.repeaters == 0 && plan.repetitions == 0);
    plan = orion_plan_bulk(columns, 0, 1 << 30);
    EXPECT(plan.non_repeaters == 0 && plan.repeaters == 0 && plan.repetitions == 0);
}

static void the_answer_stays_below_64_KiB(void) {
    struct orion_bulk_column columns[300];

    for (unsigned width = 1; width <= 300; width++)
        for (size_t length = 2; length <= 128; length += 21) {
            size_t cell = 4 + 4 + 4 * (length + 20) + 260;
            for (unsigned i = 0; i < width; i++)
                columns[i] = (struct orion_bulk_column){100000, length};
            struct orion_bulk_plan plan = orion_plan_bulk(columns, width, (size_t)-1);
            EXPECT(plan.repetitions >= 1);
            EXPECT(plan.repetitions == 1 || 28 + cell * width * plan.repetitions <= ORION_AGENTX_LIMIT);
        }
}

static void the_manager_is_not_sent_more_than_its_message_holds(void) {
    const struct orion_bulk_column columns[] = {{1, 12}, {1000, 12}, {1000, 12}};

    // One cell of 12 + 8 for the non-repeater, 40 a row, and the row that overruns.
    EXPECT(orion_plan_bulk(columns, 3, 484).repetitions == (484 - 20) / 40 + 1);
    EXPECT(orion_plan_bulk(columns, 3, 21).repetitions == 1);
    EXPECT(orion_plan_bulk(columns, 3, 20).repetitions == 1);
    EXPECT(orion_plan_bulk(columns, 3, 0).repetitions == 1);
}

static void random_plans_keep_their_bounds(void) {
    unsigned seed = 1;
    struct orion_bulk_column columns[64];

    for (int round = 0; round < 20000; round++) {
        size_t count = (size_t)rand_r(&seed) % 64, singles = 0;
        unsigned least = ~0u;
        for (size_t i = 0; i < count; i++) {
            columns[i].wanted = 1 + (unsigned)rand_r(&seed) % (rand_r(&seed) % 4 ? 200 : 2000000000);
            columns[i].wanted = rand_r(&seed) % 5 ? columns[i].wanted : 1;
            columns[i].name_length = 2 + (size_t)rand_r(&seed) % 127;
            singles += columns[i].wanted == 1;
            if (columns[i].wanted > 1 && columns[i].wanted < least)
                least = columns[i].wanted;
        }
        struct orion_bulk_plan plan = orion_plan_bulk(columns, count, (size_t)rand_r(&seed));
        EXPECT(plan.non_repeaters == singles && plan.non_repeaters + plan.repeaters == count);
        EXPECT(plan.repeaters == 0 ? plan.repetitions == 0 : plan.repetitions >= 1 && plan.repetitions <= least);
    }
}

int main(void) {
    static void (*const tests[])(void) = {
        a_record_is_the_documented_line,
        each_octet_is_encoded_or_plain,
        the_longest_names_fit,
        what_does_not_fit_is_absent,
        a_refusal_names_the_object_and_the_loss,
        the_longest_refusal_fits,
        a_summary_of_access_names_the_weak_writers,
        the_longest_summary_of_access_fits,
        wishes_are_whole_tokens,
        the_column_that_wants_least_sets_the_repetitions,
        columns_of_one_cell_need_no_repetition,
        the_answer_stays_below_64_KiB,
        the_manager_is_not_sent_more_than_its_message_holds,
        random_plans_keep_their_bounds,
    };
    const unsigned count = sizeof tests / sizeof tests[0];
    unsigned passed = 0;

    for (unsigned i = 0; i < count; i++) {
        good = 1;
        tests[i]();
        passed += good != 0;
    }
    printf("unit: %u passed, %u failed\n", passed, count - passed);
    return passed != count;
}
