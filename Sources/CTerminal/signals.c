#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t signal_descriptor = -1;
static struct termios saved_termios;
static volatile sig_atomic_t has_saved_termios;
static atomic_flag has_crashed = ATOMIC_FLAG_INIT;
static volatile sig_atomic_t is_crashing;
static pthread_t crashing_thread;

/* The terminal once more, for bytes that must not wait; and who writes to it otherwise. */
static int urgent_descriptor = -1;
static pthread_t writing_thread;
/* Odd while that thread writes. */
static atomic_uint write_count;
static atomic_uint last_write_count;
static atomic_bool has_given_up;
static atomic_bool ignores_interrupts;

static const int forwarded[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT};

/* Ends a half-sent picture and synchronized output, turns off the modes, shows the cursor, leaves
   the alternate screen. */
static const char restore_bytes[] =
    "\033\\\033[?2026l\033[?2004l\033[?1006l\033[?1002l\033[?1036r\033[?1l\033>\033[0m\033[?25h\033[?1049l\r";

void lt_begin_write(void) { write_count++; }

void lt_end_write(void) { write_count++; }

void lt_ignore_interrupts(int ignores) { ignores_interrupts = ignores != 0; }

/* What is written from now on goes nowhere: the terminal reads no more, and the process is to end.
   The thread that waits for it tries again after the signal and finds the other descriptor. */
static void give_up(void) {
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    has_given_up = true;
    dup2(nowhere, 1);
    close(nowhere);
    pthread_kill(writing_thread, SIGALRM);
}

/* A while after a signal that ends the program, and again and again. */
static void look_after_writer(int number) {
    (void)number;
    int saved = errno;
    if (!has_given_up) {
        if ((write_count & 1) && write_count == last_write_count) give_up();
        last_write_count = write_count;
    }
    errno = saved;
}

/* A terminal that stands still holds up whoever writes to it, for ever: the end does not wait for
   that longer than a moment. */
static void watch_writer(void) {
    last_write_count = write_count;
    struct itimerval often = {{0, 400000}, {0, 400000}};
    setitimer(ITIMER_REAL, &often, NULL);
}

static void forward(int number) {
    int saved = errno;
    if (number == SIGTERM || number == SIGHUP || (number == SIGINT && !ignores_interrupts))
        watch_writer();
    unsigned char byte = (unsigned char)number;
    if (signal_descriptor >= 0) {
        ssize_t ignored = write(signal_descriptor, &byte, 1);
        (void)ignored;
    }
    errno = saved;
}

static void install(int number, void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void lt_signals_to(int descriptor) {
    signal_descriptor = descriptor;
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        install(forwarded[i], forward, SA_RESTART);
    install(SIGPIPE, SIG_IGN, 0);
    install(SIGALRM, look_after_writer, SA_RESTART);
    /* A thread that a worker of libdispatch made has inherited a mask that blocks it. */
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    writing_thread = pthread_self();
    if (urgent_descriptor < 0)
        urgent_descriptor = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    /* Somebody else's terminal, as after `su`, cannot be opened a second time. */
    if (urgent_descriptor < 0) urgent_descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3);
}

void lt_signals_default(void) {
    struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    install(SIGALRM, SIG_IGN, 0);
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        install(forwarded[i], SIG_DFL, 0);
    signal_descriptor = -1;
}

void lt_stop(void) {
    /* A thread that a worker of libdispatch made has inherited a mask that blocks it. */
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    install(SIGTSTP, SIG_DFL, 0);
    pthread_sigmask(SIG_UNBLOCK, &stop, &before);
    raise(SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    install(SIGTSTP, forward, SA_RESTART);
}

int lt_is_crashing(void) { return is_crashing; }

/* Writes what restores the terminal, as soon as that takes it; 0 when it does not. */
static int write_restore(int patience) {
    int descriptor = urgent_descriptor < 0 ? 1 : urgent_descriptor;
    struct pollfd room = {descriptor, POLLOUT, 0};
    size_t done = 0;
    while (done < sizeof restore_bytes - 1) {
        if (poll(&room, 1, patience) <= 0) return 0;
        ssize_t written = write(descriptor, restore_bytes + done, sizeof restore_bytes - 1 - done);
        if (written > 0) done += (size_t)written;
        else if (errno != EINTR && errno != EAGAIN) return 0;
    }
    return 1;
}

/* Async-signal-safe. Of a terminal that stands still, what it has not read yet is dropped. */
static void restore(void) {
    if (has_given_up || !write_restore(200)) {
        if (!has_given_up) give_up();
        poll(NULL, 0, 20);
        tcflush(urgent_descriptor, TCOFLUSH);
        write_restore(20);
    }
    if (has_saved_termios) tcsetattr(0, TCSANOW, &saved_termios);
}

void lt_restore_if_given_up(void) {
    if (has_given_up) restore();
}

/* Async-signal-safe: poll, write, tcsetattr, then the signal's own default. Another thread may be in
   the middle of a picture: it writes no more pieces, and the one on its way is given the time to go
   out first. Threads that run into the same mistake meanwhile wait for the end. */
static void restore_after_crash(int number) {
    if (!atomic_flag_test_and_set(&has_crashed)) {
        crashing_thread = pthread_self();
        is_crashing = 1;
        poll(NULL, 0, 3);
        restore();
    } else {
        while (!is_crashing || !pthread_equal(crashing_thread, pthread_self()))
            poll(NULL, 0, 1000);
    }
    signal(number, SIG_DFL);
    raise(number);
}

void lt_arm_crash_restore(void) {
    if (tcgetattr(0, &saved_termios) == 0) has_saved_termios = 1;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        install(fatal[i], restore_after_crash, SA_NODEFER);
}

int lt_run(const char *command) {
    int status = system(command);
    return (status != -1 && WIFEXITED(status)) ? WEXITSTATUS(status) : -1;
}
