//! Thumb instructions that move the stack pointer or leave a function (Armv6-M and Armv7-M Architecture Reference
//! Manuals, chapter A7 and A6: the encodings named below).

use super::Function;

/// Decodes a function. `is_code` tells code from constants between it.
pub fn function(
    name: String,
    address: u32,
    code: &[u8],
    is_code: &dyn Fn(u32) -> bool,
) -> Function {
    let mut function = Function {
        name,
        ..Function::default()
    };
    let half = |at: usize| match code.get(at..at + 2) {
        Some(&[low, high]) => Some(u16::from_le_bytes([low, high])),
        _ => None,
    };
    // The constants that registers were last loaded with, for frames that are no immediate.
    let mut loaded = [None::<i32>; 8];
    let mut at = 0;
    while let Some(first) = half(at) {
        let here = address + at as u32;
        if !is_code(here) {
            at += 2;
            continue;
        }
        // The first half of an instruction of 32 bits: 0b11101, 0b11110, 0b11111.
        if first >> 11 >= 0b11101 {
            let second = half(at + 2).unwrap_or_default();
            function.frame += long_frame(first, second);
            match long_target(first, second, here) {
                Some(target) if !within(target, address, code) => function.calls.push(target),
                _ => {}
            }
            at += 4;
            continue;
        }
        match first {
            // PUSH
            0xb400..=0xb5ff => function.frame += 4 * (first & 0x1ff).count_ones(),
            // SUB (SP minus immediate)
            0xb080..=0xb0ff => function.frame += 4 * u32::from(first & 0x7f),
            // LDR (literal)
            0x4800..=0x4fff => {
                let offset = usize::from(first & 0xff) * 4;
                let place = ((here as usize + 4) & !3) + offset - address as usize;
                let word = code
                    .get(place..place + 4)
                    .and_then(|word| word.try_into().ok());
                loaded[usize::from(first >> 8 & 7)] = word.map(i32::from_le_bytes);
            }
            // BLX (register), and BX to another register than LR
            _ if first & 0xff87 == 0x4780 => function.indirect.push(here),
            _ if first & 0xff87 == 0x4700 && first != 0x4770 => function.indirect.push(here),
            // ADD (SP plus register), a frame beyond the immediate
            _ if first & 0xff87 == 0x4485 => {
                let register = usize::from(first >> 3 & 0xf);
                match loaded.get(register).copied().flatten() {
                    Some(change) => function.frame += change.min(0).unsigned_abs(),
                    None => function.indirect.push(here),
                }
            }
            // B, as a call of another function with nothing to come back to
            0xe000..=0xe7ff => {
                let offset = i32::from(first << 5).wrapping_shl(16) >> 20;
                let target = here.wrapping_add(4).wrapping_add_signed(offset);
                if !within(target, address, code) {
                    function.calls.push(target);
                }
            }
            _ => {}
        }
        at += 2;
    }
    function
}

fn within(target: u32, address: u32, code: &[u8]) -> bool {
    (address..address + code.len() as u32).contains(&target)
}

/// Bytes that an instruction of 32 bits takes from the stack.
fn long_frame(first: u16, second: u16) -> u32 {
    match first {
        // STMDB of SP with write-back, which is PUSH
        0xe92d => 4 * second.count_ones(),
        // STR before the stack pointer: PUSH of one register
        0xf84d if second & 0xfff == 0xd04 => 4,
        // VPUSH, of doubles and of singles
        _ if first & 0xffbf == 0xed2d && second & 0xe00 == 0xa00 => 4 * u32::from(second & 0xff),
        // SUB (SP minus immediate), T2 into SP
        _ if first & 0xfbef == 0xf1ad && second & 0x8f00 == 0x0d00 => expanded(first, second),
        // SUBW, T3 into SP
        _ if first & 0xfbff == 0xf2ad && second & 0x8f00 == 0x0d00 => immediate(first, second),
        _ => 0,
    }
}

/// i:imm3:imm8.
fn immediate(first: u16, second: u16) -> u32 {
    u32::from(first >> 10 & 1) << 11 | u32::from(second >> 12 & 7) << 8 | u32::from(second & 0xff)
}

/// ThumbExpandImm of i:imm3:imm8, as far as frames use it: a byte, or a byte rotated.
fn expanded(first: u16, second: u16) -> u32 {
    let coded = immediate(first, second);
    match coded >> 8 {
        0 => coded,
        kind @ 1..=3 => {
            let byte = coded & 0xff;
            [
                byte << 16 | byte,
                byte << 24 | byte << 8,
                byte * 0x0101_0101,
            ][kind as usize - 1]
        }
        _ => (coded & 0x7f | 0x80).rotate_right(coded >> 7),
    }
}

/// The target of BL, B.W, and of a B.W with a condition.
fn long_target(first: u16, second: u16, here: u32) -> Option<u32> {
    if first >> 11 != 0b11110 || second >> 15 != 1 {
        return None;
    }
    let sign = u32::from(first >> 10 & 1);
    let (j1, j2) = (u32::from(second >> 13 & 1), u32::from(second >> 11 & 1));
    let low = u32::from(second & 0x7ff);
    let offset = if second & 0x1000 != 0 {
        let high = u32::from(first & 0x3ff);
        let (i1, i2) = (1 ^ j1 ^ sign, 1 ^ j2 ^ sign);
        let bits = sign << 24 | i1 << 23 | i2 << 22 | high << 12 | low << 1;
        (bits << 7) as i32 >> 7
    } else if second & 0x4000 == 0 && first >> 7 & 7 != 7 {
        let high = u32::from(first & 0x3f);
        let bits = sign << 20 | j2 << 19 | j1 << 18 | high << 12 | low << 1;
        (bits << 11) as i32 >> 11
    } else {
        return None;
    };
    Some(here.wrapping_add(4).wrapping_add_signed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(halves: &[u16]) -> Function {
        let code: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        function("f".to_owned(), 0x1000, &code, &|_| true)
    }

    /// As an assembler writes them. Broken by an encoding that is not recognised: a frame would be too small.
    #[test]
    fn every_way_to_make_a_frame_is_counted() {
        for (halves, bytes) in [
            (&[0xb5f0][..], 20),                      // push {r4-r7, lr}
            (&[0xb086], 24),                          // sub sp, #24
            (&[0xe92d, 0x4ff0], 36),                  // push.w {r4-r11, lr}
            (&[0xf84d, 0xbd04], 4),                   // str r11, [sp, #-4]!
            (&[0xed2d, 0x8b10], 64),                  // vpush {d8-d15}
            (&[0xed2d, 0x8a02], 8),                   // vpush {s16, s17}
            (&[0xf5ad, 0x7d00], 512),                 // sub.w sp, sp, #512
            (&[0xf2ad, 0x4d04], 1028),                // subw sp, sp, #1028
            (&[0x4b00, 0x449d, 0xfdf0, 0xffff], 528), // ldr r3, =-528; add sp, r3
            (&[0x4770], 0),                           // bx lr
        ] {
            let function = decoded(halves);
            assert_eq!(function.frame, bytes, "{halves:x?}");
            assert!(function.indirect.is_empty(), "{halves:x?}");
        }
    }

    #[test]
    fn calls_and_jumps_out_of_a_function_are_found() {
        // bl, b.w and b of the address 0x800 below; blx r3
        assert_eq!(decoded(&[0xf7ff, 0xfbfe]).calls, [0x800]);
        assert_eq!(decoded(&[0xf7ff, 0xbbfe]).calls, [0x800]);
        assert_eq!(decoded(&[0xe3fe]).calls, [0x1800]);
        assert_eq!(decoded(&[0x4798]).indirect, [0x1000]);
        // b to itself
        assert_eq!(decoded(&[0xe7fe]).calls, [0_u32; 0]);
    }
}
