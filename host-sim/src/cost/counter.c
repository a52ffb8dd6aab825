/* Counts what a guest executes between two markers: a plugin of QEMU's code generator.
 *
 * The markers are instructions of two bytes that compilers never emit: `mov r10, r10` begins and
 * `mov r11, r11` ends, on RISC-V the hints `c.nop 1` and `c.nop 2`. Each pair prints one line on standard error: `instructions N`. The
 * markers themselves do not count; an instruction whose condition fails does.
 *
 * Each marker stands twice, and once is enough: QEMU 7.2 does not tell a plugin of an instruction
 * that is translated by itself because the next one crosses the end of a page.
 *
 * Distributions do not pack the plugin header, so version 1 of the interface (QEMU 4.2 to 8.x)
 * is declared here. Build: cc -O2 -shared -fPIC -o counter.so counter.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

#define PUBLIC __attribute__((visibility("default")))
PUBLIC int qemu_plugin_version = 1;

/* What plugins are told first: the architecture. More follows. */
struct qemu_info_t {
    const char *target_name;
};

static uint16_t first_marker = 0x46d2, last_marker = 0x46db;

static int counting;
static uint64_t count;

static void executed(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    count += counting;
}

static void begin(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    counting = 1;
    count = 0;
}

static void end(unsigned cpu, void *data) {
    (void)cpu, (void)data;
    if (counting) fprintf(stderr, "instructions %llu\n", (unsigned long long)count);
    counting = 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t k = 0; k < qemu_plugin_tb_n_insns(block); k++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, k);
        uint16_t code = 0;
        if (qemu_plugin_insn_size(instruction) == sizeof code)
            memcpy(&code, qemu_plugin_insn_data(instruction), sizeof code);
        qemu_plugin_register_vcpu_insn_exec_cb(
            instruction, code == first_marker ? begin : code == last_marker ? end : executed, 0, NULL);
    }
}

PUBLIC int qemu_plugin_install(
    qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv) {
    (void)argc, (void)argv;
    if (strcmp(info->target_name, "riscv32") == 0) first_marker = 0x0005, last_marker = 0x0009;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
