//! The trampoline in the instructions of x86-64.

use super::image::{CALL, DATA, PATH};
use std::arch::global_asm;

// A call is laid out as `Image::call` writes it: number, arguments at 8, the least good result at 56, the answer at 64
// with the error number at 72, and at 76 whether an interruption is passed over. The data begins with the descriptor of
// the pipe and that of the socket. The last call is the exec, which does not return when it succeeds; so the list needs
// no end.
//
// The kernel keeps every register but rax, rcx and r11 over a call.
global_asm!(
    ".pushsection .rodata.teu_trampoline, \"a\", @progbits",
    // Seen by the other units of this crate, and not outside of the program.
    ".globl teu_trampoline_start",
    ".hidden teu_trampoline_start",
    ".globl teu_trampoline_end",
    ".hidden teu_trampoline_end",
    "teu_trampoline_start:",
    // The path: the stack begins with the number of arguments, their pointers follow.
    "mov r12, [rsp + 16]",
    "mov r13d, {data} + 16",
    "2: mov rax, [r13]",
    "mov rdi, [r13 + 8]",
    "mov rsi, [r13 + 16]",
    "mov rdx, [r13 + 24]",
    "mov r10, [r13 + 32]",
    "mov r8, [r13 + 40]",
    "mov r9, [r13 + 48]",
    "cmp rdi, {path}",
    "cmove rdi, r12",
    "syscall",
    // Interrupted: again, where the call waits. Of any other it is a filter's answer, which would stay the same.
    "cmp rax, -4",
    "jne 4f",
    "cmp dword ptr [r13 + 76], 0",
    "jne 2b",
    "4: cmp rax, [r13 + 56]",
    "jl 3f",
    "add r13, {call}",
    "jmp 2b",
    // Too little is EPIPE.
    "3: neg eax",
    "mov ecx, 32",
    "cmovle eax, ecx",
    "mov [r13 + 72], eax",
    "mov r12d, {data}",
    // write(pipe, answer, 12)
    "mov eax, 1",
    "mov rdi, [r12]",
    "lea rsi, [r13 + 64]",
    "mov edx, 12",
    "syscall",
    // sendto(socket, answer, 12, MSG_NOSIGNAL, NULL, 0)
    "mov eax, 44",
    "mov rdi, [r12 + 8]",
    "lea rsi, [r13 + 64]",
    "mov edx, 12",
    "mov r10d, 0x4000",
    "xor r8d, r8d",
    "xor r9d, r9d",
    "syscall",
    // exit_group(1); where a filter refuses even that, an instruction that is none.
    "mov eax, 231",
    "mov edi, 1",
    "syscall",
    "ud2",
    "teu_trampoline_end:",
    ".popsection",
    data = const DATA,
    call = const CALL,
    path = const PATH as i64,
);

unsafe extern "C" {
    static teu_trampoline_start: u8;
    static teu_trampoline_end: u8;
}

/// The code, which runs at any address.
pub(super) fn code() -> &'static [u8] {
    let (start, end) = (&raw const teu_trampoline_start, &raw const teu_trampoline_end);
    // SAFETY: both are labels of one piece of read-only data, the second behind the first.
    unsafe { std::slice::from_raw_parts(start, end.addr() - start.addr()) }
}
