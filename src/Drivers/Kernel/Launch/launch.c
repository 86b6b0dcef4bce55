/* Starts a process that runs an array of system calls: the launcher's loop, all that must not touch a runtime.
   The child shares the caller's memory (CLONE_VM) and has a stack of its own; no libc, no TLS, no allocation.
   What the calls are is decided in C#; the structures are mirrored in NativeLayout.cs. */

enum { EAGAIN = 11, SIG_SETMASK = 2, LAUNCH = -1 }; /* LAUNCH: a step that starts a program of its own */

struct step {
    long number, argument[6];
    short slot[6], result;                    /* slots that replace arguments, slot of the result; -1: none */
    short pass[2], skip_passed, skip_done;    /* errnos that do not end the program; steps passed over after them, after success */
    short tries;                              /* how often EAGAIN is tried again */
    volatile int done, error;                        /* out: it ran and the program went on; the errno it met */
};
struct program { struct step *steps; volatile long *slots; int count; volatile int at, failed, error; };
_Static_assert(sizeof(struct step) == 88 && __builtin_offsetof(struct step, slot) == 56 && __builtin_offsetof(struct step, done) == 80, "NativeLayout.cs");
_Static_assert(sizeof(struct program) == 32 && __builtin_offsetof(struct program, failed) == 24, "NativeLayout.cs");

#if defined(__x86_64__)
enum { SIGPROCMASK = 14, EXIT_GROUP = 231 };
static inline long call(long n, long a, long b, long c, long d, long e, long f) {
    long r; register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return r;
}
#define SPAWN(r, args, size, program, child) do { \
    register void *p_ __asm__("r12") = program; register void (*f_)(struct program *) __asm__("r13") = child; \
    __asm__ volatile("syscall\n\ttest %%rax,%%rax\n\tjnz 1f\n\txor %%ebp,%%ebp\n\tmov %%r12,%%rdi\n\tcall *%%r13\n1:" \
        : "=a"(r) : "0"(435L), "D"(args), "S"(size), "r"(p_), "r"(f_) : "rcx", "r11", "memory"); } while (0)
#elif defined(__aarch64__)
enum { SIGPROCMASK = 135, EXIT_GROUP = 94 };
static inline long call(long n, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#define SPAWN(r, args, size, program, child) do { \
    register long n_ __asm__("x8") = 435, a_ __asm__("x0") = (long)args, s_ __asm__("x1") = size; \
    register void *p_ __asm__("x19") = program; register void (*f_)(struct program *) __asm__("x20") = child; \
    __asm__ volatile("svc 0\n\tcbnz x0, 1f\n\tmov x29, xzr\n\tmov x30, xzr\n\tmov x0, x19\n\tblr x20\n1:" \
        : "+r"(a_) : "r"(n_), "r"(s_), "r"(p_), "r"(f_) : "x30", "memory"); r = a_; } while (0)
#endif

long provision_launch(void *args, long size, struct program *program);

static __attribute__((noinline, noreturn)) void child(struct program *p) {
    for (int i = 0; i < p->count; i++) {
        struct step *s = p->steps + i;
        long a[6], r, tries = s->tries;
        for (int j = 0; j < 6; j++)
            a[j] = s->slot[j] < 0 ? s->argument[j] : p->slots[s->slot[j]];
        p->at = i;
        do
            r = s->number == LAUNCH ? provision_launch((void *)a[0], a[1], (struct program *)a[2])
                                    : call(s->number, a[0], a[1], a[2], a[3], a[4], a[5]);
        while (r == -EAGAIN && tries-- > 0);
        int error = s->error = r < 0 && r > -4096 ? (int)-r : 0;
        if (error && s->pass[0] != error && s->pass[1] != error) {
            p->error = error, p->failed = i;
            break;
        }
        if (s->result >= 0)
            p->slots[s->result] = r;
        s->done = 1;
        i += error ? s->skip_passed : s->skip_done;
    }
    call(EXIT_GROUP, 127, 0, 0, 0, 0, 0);
    __builtin_trap(); /* a filter that forbids even exit_group */
}

/* clone3(args) whose child runs the program; all signals are blocked meanwhile and in the child. Pid, or -errno. */
long provision_launch(void *args, long size, struct program *program) {
    unsigned long all = ~0UL, before;
    long r;
    call(SIGPROCMASK, SIG_SETMASK, (long)&all, (long)&before, sizeof all, 0, 0);
    SPAWN(r, args, size, program, child);
    call(SIGPROCMASK, SIG_SETMASK, (long)&before, 0, sizeof all, 0, 0);
    return r;
}
