#include "CJPEG.h"

typedef int placeholder_of_CJPEG;
