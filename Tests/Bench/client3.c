/* SNMPv3 load client on net-snmp's library: authPriv GETs over one session; one JSON line as the result.

   client3 -p PORT [-n COUNT] OID */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "stats.h"

#include <unistd.h>

enum { WARM_UP = 100 };

static void fail(const char *what) {
    printf("{\"error\": \"%s\"}\n", what);
    exit(1);
}

static void set_passphrases(netsnmp_session *session, const char *authentication, const char *encryption) {
    session->securityAuthProto = usmHMAC192SHA256AuthProtocol;
    session->securityAuthProtoLen = OID_LENGTH(usmHMAC192SHA256AuthProtocol);
    session->securityAuthKeyLen = USM_AUTH_KU_LEN;
    session->securityPrivProto = usmAESPrivProtocol;
    session->securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
    session->securityPrivKeyLen = USM_PRIV_KU_LEN;
    if (generate_Ku(session->securityAuthProto, session->securityAuthProtoLen, (const u_char *)authentication,
                    strlen(authentication), session->securityAuthKey, &session->securityAuthKeyLen) ||
        generate_Ku(session->securityAuthProto, session->securityAuthProtoLen, (const u_char *)encryption,
                    strlen(encryption), session->securityPrivKey, &session->securityPrivKeyLen))
        fail("no keys");
}

int main(int argc, char **argv) {
    int port = 161, count = 1000, option;
    while ((option = getopt(argc, argv, "p:n:")) != -1) {
        if (option == 'p') port = atoi(optarg);
        else if (option == 'n') count = atoi(optarg);
        else return 2;
    }
    if (optind + 1 != argc || count < 1) {
        fprintf(stderr, "usage: client3 -p PORT [-n COUNT] OID\n");
        return 2;
    }
    netsnmp_session session;
    oid name[MAX_OID_LEN];
    size_t length = MAX_OID_LEN;
    char peer[64];
    double *samples = calloc(count, sizeof *samples);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    init_snmp("bench");
    snmp_sess_init(&session);
    snprintf(peer, sizeof peer, "udp:127.0.0.1:%d", port);
    session.peername = peer;
    session.version = SNMP_VERSION_3;
    session.securityModel = SNMP_SEC_MODEL_USM;
    session.securityName = "bench";
    session.securityNameLen = strlen(session.securityName);
    session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
    set_passphrases(&session, "bench-authentication", "bench-encryption");
    void *handle = snmp_sess_open(&session);
    if (!handle || !samples || !read_objid(argv[optind], name, &length)) fail("no session");
    for (int i = -WARM_UP; i < count; i++) {
        netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET), *answer = NULL;
        snmp_add_null_var(request, name, length);
        double start = now_us();
        if (snmp_sess_synch_response(handle, request, &answer) != STAT_SUCCESS || answer->errstat ||
            !answer->variables || answer->variables->type >= SNMP_NOSUCHOBJECT)
            fail("no answer");
        if (i >= 0) samples[i] = now_us() - start;
        snmp_free_pdu(answer);
    }
    sort_samples(samples, count);
    printf("{\"mode\": \"get3\", \"p50\": %.2f, \"p95\": %.2f, \"p99\": %.2f}\n", percentile(samples, count, 0.5),
           percentile(samples, count, 0.95), percentile(samples, count, 0.99));
    snmp_sess_close(handle);
    return 0;
}
