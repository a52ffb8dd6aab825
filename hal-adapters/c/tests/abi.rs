//! The interface as C programs use it: the bits of the library, and a code for every wrong use.

use bellwether::model::Aligned;
use bellwether::sentinel::Settings;
use bellwether::{Monitor, sentinel_of};
use bellwether_c::*;
use core::ffi::{CStr, c_void};
use core::ptr::{null, null_mut};

static PUMP: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../core/examples/pump.bwm"));

/// Storage as in C.
struct Memory(Vec<u64>);

impl Memory {
    fn detector() -> Self {
        Self(vec![0; bw_state_bytes() / 8])
    }

    fn of(&mut self) -> *mut bw_detector {
        self.0.as_mut_ptr().cast()
    }
}

fn config(variables: usize, learn_rows: u32) -> bw_config {
    bw_config {
        variables: variables as u32,
        learn_rows,
        ..bw_config::DEFAULT
    }
}

fn verdict() -> bw_verdict {
    // SAFETY: numbers only.
    let zeros: bw_verdict = unsafe { core::mem::zeroed() };
    bw_verdict {
        size: size_of::<bw_verdict>() as u32,
        ..zeros
    }
}

fn init(memory: &mut Memory, config: &bw_config, knowledge: &[u8]) -> i32 {
    let bytes = bw_state_bytes();
    // SAFETY: memory of this size, and slices.
    unsafe {
        bw_init(
            memory.of(),
            bytes,
            config,
            knowledge.as_ptr(),
            knowledge.len(),
        )
    }
}

/// Two variables, a fault from row 500, a missing value.
fn row(k: u32) -> [f32; 2] {
    let load = (k * 7 % 23) as f32;
    let fault = if k >= 500 { 60.0 } else { 0.0 };
    let first = if k == 430 { f32::NAN } else { 40.0 + load };
    [first, 80.0 - load + fault]
}

fn observe(memory: &mut Memory, frame: &[f32]) -> (i32, bw_verdict) {
    let mut answer = verdict();
    // SAFETY: memory of a detector, and slices.
    let code = unsafe { bw_observe(memory.of(), frame.as_ptr(), frame.len(), &raw mut answer) };
    (code, answer)
}

fn save(memory: &mut Memory) -> Vec<u8> {
    let mut bytes = vec![0; bw_snapshot_max()];
    let mut used = 0;
    // SAFETY: memory of a detector, and a buffer.
    let code = unsafe { bw_save(memory.of(), bytes.as_mut_ptr(), bytes.len(), &raw mut used) };
    assert_eq!(code, BW_OK);
    bytes.truncate(used);
    bytes
}

/// Broken by any number that is lost on its way, or a code that is not the state's.
#[test]
fn verdicts_are_those_of_the_library() {
    let mut state = <sentinel_of!(SHAPE)>::new();
    let shape = bellwether::quartet::Shape {
        variables: 2,
        ..SHAPE
    };
    let mut monitor = Monitor::new(&mut state, Settings::of_shape(shape, 400)).unwrap();
    let mut memory = Memory::detector();
    assert_eq!(init(&mut memory, &config(2, 400), &[]), BW_OK);
    let mut alarms = 0;
    for k in 0..600 {
        let wanted = monitor.observe(row(k));
        let (code, found) = observe(&mut memory, &row(k));
        let expected = match k {
            399 => BW_READY,
            0..399 => BW_WARMING,
            _ => BW_OK,
        };
        assert_eq!(code, expected, "{k}");
        assert_eq!(found.tick, u64::from(k));
        let bits = |x: Option<f32>| x.unwrap_or(f32::NAN).to_bits();
        assert_eq!(found.score.to_bits(), bits(wanted.score), "{k}");
        assert_eq!(found.threshold.to_bits(), bits(wanted.threshold), "{k}");
        // SAFETY: static strings.
        let name = |text| unsafe { CStr::from_ptr(text) }.to_str().unwrap();
        assert_eq!(name(bw_state_name(found.state)), wanted.state.name(), "{k}");
        let (event, finding) = (monitor.detector().event(), monitor.detector().finding());
        assert_eq!(name(bw_phase_name(found.phase)), event.phase.name(), "{k}");
        assert_eq!(name(bw_grade_name(found.grade)), event.grade.name(), "{k}");
        let of_alarm = event.episode.map_or("none", |episode| episode.grade.name());
        assert_eq!(name(bw_grade_name(found.alarm_grade)), of_alarm, "{k}");
        assert_eq!(found.flags & BW_FLAG_NEWS != 0, event.is_news, "{k}");
        match finding {
            Some(finding) => {
                assert_eq!(name(bw_kind_name(found.kind)), finding.kind.name(), "{k}");
                assert_eq!(found.kind_variable, i32::from(finding.variable));
                alarms += 1;
            }
            None => assert_eq!((found.kind, found.kind_variable), (BW_NONE, BW_NONE)),
        }
        let complaints = monitor.detector().complaints();
        assert_eq!(found.complaints as usize, complaints.clone().count());
        for (index, wanted) in complaints.enumerate() {
            let mut said = bw_complaint {
                variable: -1,
                symptom: -1,
                rows: 0,
                reserved: 0,
            };
            // SAFETY: memory of a detector.
            let code = unsafe { bw_complaint_of(memory.of(), index as u32, &raw mut said) };
            assert_eq!((code, said.variable), (BW_OK, i32::from(wanted.variable)));
            assert_eq!(name(bw_symptom_name(said.symptom)), wanted.symptom.name());
        }
        let mut shares = [0.0; 2];
        // SAFETY: memory of a detector.
        assert_eq!(
            unsafe { bw_shares(memory.of(), shares.as_mut_ptr(), 2) },
            BW_OK
        );
        let wanted: Vec<f32> = monitor.detector().shares().map(|part| part.1).collect();
        assert_eq!(shares[..], wanted[..2], "{k}");
        if found.top[0].variable >= 0 {
            let most = shares[0].max(shares[1]);
            assert_eq!(found.top[0].share, most, "{k}");
            assert_eq!(found.top[2].variable, BW_NONE, "{k}");
        }
    }
    assert!(alarms > 0);
}

/// Broken by knowledge that is not the whole state, or a tick that starts again.
#[test]
fn a_detector_with_knowledge_goes_on_where_the_other_was() {
    let (mut first, mut second) = (Memory::detector(), Memory::detector());
    let config = config(2, 100);
    init(&mut first, &config, &[]);
    for k in 0..450 {
        let frame = row(k);
        // SAFETY: memory of a detector.
        unsafe { bw_learn(first.of(), frame.as_ptr(), 2) };
    }
    let knowledge = save(&mut first);
    assert_eq!(init(&mut second, &config, &knowledge), BW_OK);
    for k in 450..520 {
        let (one, other) = (observe(&mut first, &row(k)), observe(&mut second, &row(k)));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{k}");
    }
    let other = bw_config {
        variables: 3,
        ..config
    };
    let mut damaged = knowledge.clone();
    damaged[40] ^= 1;
    assert_eq!(init(&mut second, &config, &damaged), BW_ERR_SNAPSHOT);
    assert_eq!(observe(&mut second, &row(0)).0, BW_ERR_STATE);
    assert_eq!(init(&mut second, &other, &knowledge), BW_ERR_SHAPE);
}

/// Broken by pieces that are out of place, or a caller's error that is not told.
#[test]
fn snapshots_go_in_pieces() {
    unsafe extern "C" fn sink(context: *mut c_void, piece: *const u8, bytes: usize) -> i32 {
        // SAFETY: the test's vector, and a piece of so many bytes.
        unsafe {
            let flash = &mut *context.cast::<Vec<u8>>();
            flash.extend_from_slice(core::slice::from_raw_parts(piece, bytes));
        }
        0
    }
    unsafe extern "C" fn source(
        context: *mut c_void,
        offset: usize,
        piece: *mut u8,
        bytes: usize,
    ) -> i32 {
        // SAFETY: the test's vector, and a piece of so many bytes.
        unsafe {
            let flash = &*context.cast::<Vec<u8>>();
            let Some(found) = flash.get(offset..offset + bytes) else {
                return 1;
            };
            core::slice::from_raw_parts_mut(piece, bytes).copy_from_slice(found);
        }
        0
    }
    let mut memory = Memory::detector();
    init(&mut memory, &config(2, 100), &[]);
    for k in 0..150 {
        observe(&mut memory, &row(k));
    }
    let whole = save(&mut memory);
    let mut flash: Vec<u8> = Vec::new();
    let mut used = 0;
    let context = (&raw mut flash).cast();
    // SAFETY: memory of a detector; the context is the vector.
    let code = unsafe { bw_save_to(memory.of(), Some(sink), context, &raw mut used) };
    assert_eq!((code, used, &flash), (BW_OK, whole.len(), &whole));
    let mut other = Memory::detector();
    init(&mut other, &config(2, 100), &[]);
    // SAFETY: as above.
    let code = unsafe { bw_restore_from(other.of(), Some(source), context) };
    assert_eq!((code, save(&mut other)), (BW_OK, whole.clone()));
    flash.truncate(whole.len() - 1);
    // SAFETY: as above.
    let code = unsafe { bw_restore_from(other.of(), Some(source), context) };
    assert_eq!((code, save(&mut other)), (BW_ERR_STORAGE, whole));
    // SAFETY: as above; no sink.
    let code = unsafe { bw_save_to(memory.of(), None, context, null_mut()) };
    assert_eq!(code, BW_ERR_NULL);
}

/// Broken by a refused argument that is used.
#[test]
fn wrong_use_has_a_code() {
    let mut memory = Memory::detector();
    let bytes = bw_state_bytes();
    assert_eq!(observe(&mut memory, &[1.0]).0, BW_ERR_STATE);
    let of = |change: &dyn Fn(&mut bw_config)| {
        let mut config = config(2, 100);
        change(&mut config);
        config
    };
    for (config, code) in [
        (of(&|c| c.size = 8), BW_ERR_SIZE),
        (of(&|c| c.variables = 0), BW_ERR_VARIABLES),
        (of(&|c| c.variables = bw_variables() + 1), BW_ERR_VARIABLES),
        (of(&|c| c.variables = 65_538), BW_ERR_VARIABLES),
        (of(&|c| c.learn_rows = 19), BW_ERR_LEARN_ROWS),
        (of(&|c| c.promise = f32::NAN), BW_ERR_PROMISE),
        (of(&|c| c.promise = 0.0), BW_ERR_PROMISE),
        (of(&|c| c.rows_per_day = 23), BW_ERR_ROWS_PER_DAY),
        (of(&|c| c.rows_per_day = 65_536), BW_ERR_ROWS_PER_DAY),
    ] {
        assert_eq!(init(&mut memory, &config, &[]), code, "{config:?}");
        assert_eq!(observe(&mut memory, &[1.0]).0, BW_ERR_STATE);
    }
    let good = config(2, 100);
    // SAFETY: pointers that are refused before they are used, and memory of this size.
    unsafe {
        let (state, odd) = (memory.of(), memory.of().cast::<u8>().add(1).cast());
        assert_eq!(bw_init(null_mut(), bytes, &good, null(), 0), BW_ERR_NULL);
        assert_eq!(bw_init(odd, bytes, &good, null(), 0), BW_ERR_ALIGN);
        assert_eq!(bw_init(state, bytes - 1, &good, null(), 0), BW_ERR_MEMORY);
        assert_eq!(bw_init(state, bytes, &good, null(), 5), BW_ERR_NULL);
        assert_eq!(bw_init(state, bytes, null(), null(), 0), BW_OK);
        assert_eq!(bw_init(state, bytes, &good, null(), 0), BW_OK);
        let mut answer = verdict();
        let frame = [1.0_f32; 3];
        let values = frame.as_ptr();
        assert_eq!(
            bw_observe(null_mut(), values, 2, &raw mut answer),
            BW_ERR_NULL
        );
        assert_eq!(bw_observe(state, null(), 2, &raw mut answer), BW_ERR_NULL);
        assert_eq!(bw_observe(state, values, 2, null_mut()), BW_ERR_NULL);
        assert_eq!(
            bw_observe(state, values, 3, &raw mut answer),
            BW_ERR_VARIABLES
        );
        let odd_values = values.cast::<u8>().add(1).cast();
        assert_eq!(
            bw_observe(state, odd_values, 2, &raw mut answer),
            BW_ERR_ALIGN
        );
        answer.size = 8;
        assert_eq!(bw_observe(state, values, 2, &raw mut answer), BW_ERR_SIZE);
        answer.size = size_of::<bw_verdict>() as u32;
        // Nothing of this used a tick; a frame without values is one of missing values.
        assert_eq!(bw_observe(state, null(), 0, &raw mut answer), BW_WARMING);
        assert_eq!(answer.tick, 0);
        let (mut used, mut few) = (7, [0_u8; 16]);
        let room = few.len();
        assert_eq!(
            bw_save(state, few.as_mut_ptr(), room, &raw mut used),
            BW_ERR_BUFFER
        );
        assert_eq!(bw_restore(state, few.as_ptr(), room), BW_ERR_SNAPSHOT);
        assert_eq!(bw_acknowledge(state), BW_ERR_INDEX);
        assert_eq!(bw_skip(state, 9), BW_OK);
        bw_observe(state, values, 2, &raw mut answer);
        assert_eq!(answer.tick, 10);
    }
}

/// Broken by another answer than the library's, or a model that does not fit and is taken.
#[test]
fn a_model_judges_as_the_library() {
    assert_eq!((MODEL_VARIABLES, MODEL_WINDOW), (2, 1));
    let mut memory = vec![0_u64; bw_model_bytes() / 8];
    let (model, bytes) = (memory.as_mut_ptr().cast::<bw_model>(), bw_model_bytes());
    let pump = &PUMP.0;
    let mut answer = verdict();
    // SAFETY: memory of this size, and a model that lives as long as the program.
    unsafe {
        let mut observe = |motor: f32| {
            let frame = [motor, 91.5];
            let code = bw_model_observe(model, frame.as_ptr(), 2, &raw mut answer);
            (code, answer)
        };
        assert_eq!(observe(40.5).0, BW_ERR_STATE);
        assert_eq!(
            bw_model_init(model, bytes, pump.as_ptr(), pump.len()),
            BW_OK
        );
        let confirmed = [42.5, 40.5, 42.5, 40.5].map(|motor| {
            let (code, answer) = observe(motor);
            assert_eq!(code, BW_OK);
            assert_eq!(answer.state == BW_STATE_ANOMALOUS, motor > 42.0);
            assert_eq!(answer.reason != 0, motor > 42.0);
            assert_eq!(answer.top[0].variable >= 0, answer.score.is_finite());
            answer.flags & BW_FLAG_CONFIRMED != 0
        });
        assert_eq!(confirmed, [false, false, true, false]);
        let length = pump.len();
        assert_eq!(bw_model_init(model, bytes, null(), length), BW_ERR_NULL);
        assert_eq!(
            bw_model_init(model, bytes - 8, pump.as_ptr(), length),
            BW_ERR_MEMORY
        );
        assert_eq!(
            bw_model_init(model, bytes, pump.as_ptr(), length - 1),
            BW_ERR_MODEL
        );
    }
}

/// Broken by a name of another code, or a code without a text.
#[test]
fn codes_have_the_words_of_the_library() {
    // SAFETY: static strings.
    let text = |text| unsafe { CStr::from_ptr(text) }.to_str().unwrap();
    for (code, kind) in bellwether::kind::Kind::ALL.into_iter().enumerate() {
        assert_eq!(text(bw_kind_name(code as i32)), kind.name());
    }
    for code in [-1, 8, i32::MIN, i32::MAX] {
        assert_eq!(text(bw_kind_name(code)), "unknown");
    }
    let known = (BW_ERR_INDEX..=BW_READY).map(|code| text(bw_error_text(code)));
    assert!(known.clone().all(|text| text != "unknown"));
    assert_eq!(
        known
            .clone()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        known.count()
    );
    assert_eq!(text(bw_error_text(BW_ERR_INDEX - 1)), "unknown");
}
