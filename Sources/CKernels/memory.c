#define _GNU_SOURCE
#include "CKernels.h"

#include <sys/mman.h>
#include <unistd.h>

enum { HUGE = 2 << 20 };

static void *map(size_t bytes, int flags) {
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void *ck_allocate(size_t bytes) {
    if (bytes == 0) bytes = 1;
    if (bytes < HUGE) return map(bytes, 0);
    // Map more than asked for and cut both ends, so that the start is a huge page's start.
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t length = (bytes + page - 1) / page * page;
    char *memory = map(length + HUGE, 0);
    if (!memory) return NULL;
    size_t before = (HUGE - (uintptr_t)memory % HUGE) % HUGE;
    if (before) munmap(memory, before);
    if (HUGE - before) munmap(memory + before + length, HUGE - before);
    madvise(memory + before, length, MADV_HUGEPAGE);
    return memory + before;
}

void ck_release(void *memory, size_t bytes) {
    if (memory) munmap(memory, bytes ? bytes : 1);
}

void *ck_reserve(size_t bytes) {
    void *memory = map(bytes, MAP_NORESERVE);
    if (memory) madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

static void advise_inside(uintptr_t start, uintptr_t end, int advice) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    start = (start + page - 1) / page * page;
    end = end / page * page;
    if (end > start) madvise((void *)start, end - start, advice);
}

void ck_discard(void *memory, size_t bytes) {
    advise_inside((uintptr_t)memory, (uintptr_t)memory + bytes, MADV_DONTNEED);
}

void ck_discard_mapped(const void *memory, size_t bytes) {
    advise_inside((uintptr_t)memory, (uintptr_t)memory + bytes, MADV_DONTNEED);
}

void ck_read_ahead(const void *memory, size_t bytes) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)memory / page * page;
    madvise((void *)start, (uintptr_t)memory + bytes - start, MADV_WILLNEED);
}
