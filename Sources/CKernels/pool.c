#define _GNU_SOURCE
#include "CKernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ck_pool {
    int threads;
    pthread_t *workers;
    void **scratch;
    size_t scratch_bytes;

    // The run in progress: written before `generation` grows, read after it was seen to grow.
    long tiles;
    ck_tile tile;
    const void *work;
    atomic_long next;
    atomic_int stopped, busy;

    atomic_uint generation;
    atomic_int ending;
    pthread_mutex_t mutex;
    pthread_cond_t changed, finished;

    int (*stop)(void *);
    void *stop_context;
};

typedef struct {
    ck_pool *pool;
    int index;
} worker_start;

/// About 20 microseconds of waiting before a worker sleeps: operations follow each other closely.
enum { SPINS = 2000 };

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void work_through(ck_pool *pool, int index) {
    for (;;) {
        if (atomic_load_explicit(&pool->stopped, memory_order_relaxed)) return;
        long tile = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (tile >= pool->tiles) return;
        pool->tile(pool->work, tile, pool->scratch[index]);
        if (index == 0 && pool->stop && pool->stop(pool->stop_context))
            atomic_store(&pool->stopped, 1);
    }
}

static void wait_for_change(ck_pool *pool, unsigned seen) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pool->generation, memory_order_acquire) != seen) return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void wait_for_workers(ck_pool *pool) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0) return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->busy)) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument) {
    worker_start start = *(worker_start *)argument;
    free(argument);
    ck_pool *pool = start.pool;
    unsigned seen = 0;
    for (;;) {
        wait_for_change(pool, seen);
        seen++;
        if (atomic_load(&pool->ending)) return NULL;
        work_through(pool, start.index);
        if (atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->finished);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
}

void ck_lower_priority(int niceness) {
    // Linux keeps a priority per thread.
    id_t thread = (id_t)syscall(SYS_gettid);
    if (getpriority(PRIO_PROCESS, thread) < niceness) setpriority(PRIO_PROCESS, thread, niceness);
}

static void announce(ck_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add_explicit(&pool->generation, 1, memory_order_release);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

ck_pool *ck_pool_create(int threads) {
    if (threads < 1) threads = 1;
    ck_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pool->workers = calloc((size_t)threads, sizeof *pool->workers);
    pool->scratch = calloc((size_t)threads, sizeof *pool->scratch);
    if (!pool->workers || !pool->scratch) {
        free(pool->workers);
        free(pool->scratch);
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pthread_cond_init(&pool->finished, NULL);
    pool->threads = 1;
    for (int i = 1; i < threads; i++) {
        worker_start *start = malloc(sizeof *start);
        if (!start) break;
        *start = (worker_start){pool, i};
        if (pthread_create(&pool->workers[i], NULL, worker_main, start)) {
            // Fewer workers than asked for: slower, never wrong.
            free(start);
            break;
        }
        pool->threads = i + 1;
    }
    return pool;
}

void ck_pool_destroy(ck_pool *pool) {
    if (!pool) return;
    atomic_store(&pool->ending, 1);
    announce(pool);
    for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i], NULL);
    for (int i = 0; i < pool->threads; i++) free(pool->scratch[i]);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->changed);
    pthread_cond_destroy(&pool->finished);
    free(pool->workers);
    free(pool->scratch);
    free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool->threads; }

void ck_pool_set_stop(ck_pool *pool, int (*stop)(void *), void *context) {
    pool->stop = stop;
    pool->stop_context = context;
}

static int grow_scratch(ck_pool *pool, size_t bytes) {
    if (bytes <= pool->scratch_bytes) return 0;
    bytes = (bytes + 4095) / 4096 * 4096;
    pool->scratch_bytes = 0;
    for (int i = 0; i < pool->threads; i++) {
        free(pool->scratch[i]);
        pool->scratch[i] = aligned_alloc(4096, bytes);
        if (!pool->scratch[i]) return 2;
    }
    pool->scratch_bytes = bytes;
    return 0;
}

int ck_pool_run(
    ck_pool *pool, long tiles, ck_tile tile, const void *work, size_t scratch_bytes) {
    if (tiles <= 0) return 0;
    if (grow_scratch(pool, scratch_bytes)) return 2;
    pool->tiles = tiles;
    pool->tile = tile;
    pool->work = work;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->stopped, 0);
    if (tiles == 1 || pool->threads == 1) {
        work_through(pool, 0);
        return atomic_load(&pool->stopped);
    }
    atomic_store(&pool->busy, pool->threads - 1);
    announce(pool);
    work_through(pool, 0);
    wait_for_workers(pool);
    return atomic_load(&pool->stopped);
}
