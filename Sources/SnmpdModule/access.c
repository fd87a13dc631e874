#include "access.h"

#include "agentx_master.h"

#include <net-snmp/library/vacm.h>

#include <stdbool.h>
#include <string.h>

/// vacm.h keeps a name's length in its first octet.
static const char *text_of(const char *name) {
    return name + 1;
}

static bool is_of_model(const struct vacm_accessEntry *entry, int model) {
    return entry->securityModel == SNMP_SEC_MODEL_ANY || model == SNMP_SEC_MODEL_ANY || entry->securityModel == model;
}

/// Whether `view` has anything of the registrations of sessions that ask for principals in it.
static bool covers_ours(const char *view) {
    for (netsnmp_subtree *piece = netsnmp_subtree_find_first(""); piece != NULL; piece = piece->next) {
        if (piece->session == NULL || !(orion_wishes(piece->session->securityName) & ORION_WISH_SET_PRINCIPAL))
            continue;
        const struct vacm_viewEntry *entry =
            vacm_getViewEntry(view, piece->start_a, piece->start_len, VACM_MODE_FIND);
        if (entry != NULL && entry->viewType == SNMP_VIEW_INCLUDED)
            return true;
    }
    return false;
}

/// The least level at which a member of `group` who came by `model` may do anything; 0 for none.
static int least_level(const char *group, int model) {
    const struct vacm_accessEntry *entry;
    int least = 0;

    vacm_scanAccessInit();
    while ((entry = vacm_scanAccessNext()) != NULL)
        if (strcmp(text_of(entry->groupName), group) == 0 && is_of_model(entry, model) &&
            (least == 0 || entry->securityLevel < least))
            least = entry->securityLevel;
    return least;
}

static void count_members(struct orion_access *access) {
    vacm_scanGroupInit();
    for (const struct vacm_groupEntry *entry = vacm_scanGroupNext(); entry != NULL; entry = entry->next) {
        int level = least_level(entry->groupName, entry->securityModel);
        if (level >= SNMP_SEC_LEVEL_NOAUTH && level <= SNMP_SEC_LEVEL_AUTHPRIV)
            access->members[level - 1]++;
        // A group counts with the last of its members.
        const struct vacm_groupEntry *other = entry->next;
        while (other != NULL && strcmp(other->groupName, entry->groupName) != 0)
            other = other->next;
        if (other == NULL)
            access->groups++;
    }
}

static void find_weak_writers(struct orion_access *access) {
    const struct vacm_accessEntry *entry;

    vacm_scanAccessInit();
    while ((entry = vacm_scanAccessNext()) != NULL) {
        if (entry->securityLevel >= SNMP_SEC_LEVEL_AUTHPRIV || !covers_ours(entry->views[VACM_VIEW_WRITE]))
            continue;
        if (access->weak_writers < ORION_WEAK_WRITERS_MAX)
            access->weak[access->weak_writers] = (struct orion_weak_writer){
                .group = {text_of(entry->groupName), strlen(text_of(entry->groupName))},
                .model = entry->securityModel,
                .level = entry->securityLevel,
            };
        access->weak_writers++;
    }
}

void orion_summarize_access(struct orion_access *access) {
    memset(access, 0, sizeof *access);
    count_members(access);
    find_weak_writers(access);
}
