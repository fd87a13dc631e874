#include <smi.h>
