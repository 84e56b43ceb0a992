#include "COneDNN.h"

typedef int placeholder_of_COneDNN;
