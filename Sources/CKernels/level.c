#include "kernels.h"

#include <stdio.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdatomic.h>

/// XCR0: which register states the operating system saves.
static uint64_t saved_states(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

typedef struct {
    int avx2, fma, avx512, bf16, vnni, amx;
} features;

static features detect(void) {
    features found = {0};
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27)) return found;
    uint64_t states = saved_states();
    if ((states & 0x6) != 0x6) return found;
    found.fma = (c & 1u << 12) != 0 && (c & 1u << 28) != 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    unsigned highest = a;
    found.avx2 = (b & 1u << 5) != 0;
    // F, DQ, BW and VL, with the opmask and upper register states.
    unsigned needed = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    found.avx512 = (states & 0xe6) == 0xe6 && (b & needed) == needed;
    found.vnni = found.avx512 && (c & 1u << 11) != 0;
    found.amx = (states & 0x60000) == 0x60000 && (d & 1u << 24) != 0 && (d & 1u << 22) != 0;
    if (highest >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
        found.bf16 = found.vnni && (a & 1u << 5) != 0;
    return found;
}

static int detect_level(void) {
    features found = detect();
    if (!found.avx2 || !found.fma) return CK_PLAIN;
    if (!found.avx512) return CK_AVX2;
    return found.bf16 ? CK_AVX512BF16 : CK_AVX512;
}

// Asked once: in a virtual machine each CPUID leaves it, and every operation asks.
int ck_best_level(void) {
    static atomic_int known = -1;
    int level = atomic_load_explicit(&known, memory_order_relaxed);
    if (level < 0) {
        level = detect_level();
        atomic_store_explicit(&known, level, memory_order_relaxed);
    }
    return level;
}

void ck_cpu_features(char *text, size_t size) {
    features found = detect();
    snprintf(
        text, size, "%s%s%s%s%s%s", found.avx2 ? "avx2 " : "", found.fma ? "fma " : "",
        found.avx512 ? "avx512 " : "", found.bf16 ? "avx512-bf16 " : "",
        found.vnni ? "avx512-vnni " : "", found.amx ? "amx-bf16 " : "");
}

int ck_has_amx(void) { return detect().amx; }

#else

int ck_best_level(void) { return CK_PLAIN; }

int ck_has_amx(void) { return 0; }

void ck_cpu_features(char *text, size_t size) { snprintf(text, size, "%s", ""); }

#endif

const ck_kernels *ck_kernels_at(int level) {
#if defined(__x86_64__)
    int best = ck_best_level();
    switch (level < best ? level : best) {
    case CK_AVX512BF16: return &ck_kernels_avx512bf16;
    case CK_AVX512: return &ck_kernels_avx512;
    case CK_AVX2: return &ck_kernels_avx2;
    default: return &ck_kernels_plain;
    }
#else
    (void)level;
    return &ck_kernels_plain;
#endif
}

int ck_has_int8(int level) { return level >= CK_AVX512BF16 && ck_best_level() >= CK_AVX512BF16; }
