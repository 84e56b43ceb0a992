#include "CTerminal.h"

typedef int placeholder_of_CTerminal;
