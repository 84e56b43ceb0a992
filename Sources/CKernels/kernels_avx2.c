#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "vector_avx2.h"
#include "micro_avx2.h"
#include "micro_i8.h"

#define CK_LEVEL ck_kernels_avx2
#include "body.h"

#pragma clang attribute pop
#endif
