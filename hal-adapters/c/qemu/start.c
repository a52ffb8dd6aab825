/* Start of a program on QEMU's board mps2-an386 (Cortex-M4F): the vector table, the floating-point unit, then
 * newlib's start, which talks to QEMU by semihosting. */

#include <stdint.h>

extern void _start(void);
extern char __stack[];

static void hang(void) {
  for (;;) {
  }
}

void reset(void);

void reset(void) {
  *(volatile uint32_t *)UINT32_C(0xE000ED88) |= UINT32_C(0xF) << 20;
  __asm volatile("dsb\nisb");
  _start();
  hang();
}

/* Stack, reset, and exceptions, none of which is expected. */
struct vectors {
  char *stack;
  void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    __stack,
    {reset, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang},
};
