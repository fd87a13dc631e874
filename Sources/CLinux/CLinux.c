#include "CLinux.h"
#include <sys/prctl.h>

// prctl is variadic, which Swift cannot call.
void orion_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}
