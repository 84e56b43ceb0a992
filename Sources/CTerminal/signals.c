#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t signal_descriptor = -1;
static struct termios saved_termios;
static volatile sig_atomic_t has_saved_termios;
static atomic_flag has_crashed = ATOMIC_FLAG_INIT;
static volatile sig_atomic_t is_crashing;
static pthread_t crashing_thread;

static const int forwarded[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT};

/* Ends a half-sent picture and synchronized output, turns off the modes, shows the cursor, leaves
   the alternate screen. */
static const char restore_bytes[] =
    "\033\\\033[?2026l\033[?2004l\033[?1006l\033[?1002l\033[?1036r\033[?1l\033>\033[0m\033[?25h\033[?1049l\r";

static void forward(int number) {
    int saved = errno;
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
}

void lt_signals_default(void) {
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

/* Async-signal-safe: poll, write, tcsetattr, then the signal's own default. Another thread may be in
   the middle of a picture: it writes no more pieces, and the one on its way is given the time to go
   out first. Threads that run into the same mistake meanwhile wait for the end. */
static void restore_after_crash(int number) {
    if (!atomic_flag_test_and_set(&has_crashed)) {
        crashing_thread = pthread_self();
        is_crashing = 1;
        poll(NULL, 0, 3);
        ssize_t ignored = write(1, restore_bytes, sizeof restore_bytes - 1);
        (void)ignored;
        if (has_saved_termios) tcsetattr(0, TCSANOW, &saved_termios);
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
