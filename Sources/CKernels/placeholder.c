#include "CKernels.h"

typedef int placeholder_of_CKernels;
