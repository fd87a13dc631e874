// Loading and looking up kernel modules: libkmod.
#include <libkmod.h>
