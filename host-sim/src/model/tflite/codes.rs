//! Codes and names of operators and types, as `schema.fbs` has them.

pub const FLOAT32: i8 = 0;
pub const FLOAT16: i8 = 1;
pub const INT32: i8 = 2;
pub const UINT8: i8 = 3;
pub const INT64: i8 = 4;
pub const INT16: i8 = 7;
pub const INT8: i8 = 9;

pub const ADD: i32 = 0;
pub const AVERAGE_POOL_2D: i32 = 1;
pub const CONV_2D: i32 = 3;
pub const DEQUANTIZE: i32 = 6;
pub const FULLY_CONNECTED: i32 = 9;
pub const LOGISTIC: i32 = 14;
pub const MAX_POOL_2D: i32 = 17;
pub const MUL: i32 = 18;
pub const RELU: i32 = 19;
pub const RELU_N1_TO_1: i32 = 20;
pub const RELU6: i32 = 21;
pub const RESHAPE: i32 = 22;
pub const TANH: i32 = 28;
pub const TRANSPOSE: i32 = 39;
pub const SUB: i32 = 41;
pub const DIV: i32 = 42;
pub const SQUEEZE: i32 = 43;
pub const TRANSPOSE_CONV: i32 = 67;
pub const EXPAND_DIMS: i32 = 70;
pub const RESIZE_NEAREST_NEIGHBOR: i32 = 97;
pub const LEAKY_RELU: i32 = 98;
pub const ELU: i32 = 111;
pub const QUANTIZE: i32 = 114;
pub const HARD_SWISH: i32 = 117;
pub const GELU: i32 = 150;
pub const RELU_0_TO_1: i32 = 152;

/// Operators by code; those that a network of readings may have.
const OPERATORS: [(i32, &str); 72] = [
    (0, "ADD"),
    (1, "AVERAGE_POOL_2D"),
    (2, "CONCATENATION"),
    (3, "CONV_2D"),
    (4, "DEPTHWISE_CONV_2D"),
    (6, "DEQUANTIZE"),
    (8, "FLOOR"),
    (9, "FULLY_CONNECTED"),
    (11, "L2_NORMALIZATION"),
    (14, "LOGISTIC"),
    (16, "LSTM"),
    (17, "MAX_POOL_2D"),
    (18, "MUL"),
    (19, "RELU"),
    (20, "RELU_N1_TO_1"),
    (21, "RELU6"),
    (22, "RESHAPE"),
    (23, "RESIZE_BILINEAR"),
    (24, "RNN"),
    (25, "SOFTMAX"),
    (28, "TANH"),
    (32, "CUSTOM"),
    (34, "PAD"),
    (35, "UNIDIRECTIONAL_SEQUENCE_RNN"),
    (36, "GATHER"),
    (37, "BATCH_TO_SPACE_ND"),
    (38, "SPACE_TO_BATCH_ND"),
    (39, "TRANSPOSE"),
    (40, "MEAN"),
    (41, "SUB"),
    (42, "DIV"),
    (43, "SQUEEZE"),
    (44, "UNIDIRECTIONAL_SEQUENCE_LSTM"),
    (45, "STRIDED_SLICE"),
    (47, "EXP"),
    (49, "SPLIT"),
    (53, "CAST"),
    (54, "PRELU"),
    (55, "MAXIMUM"),
    (57, "MINIMUM"),
    (59, "NEG"),
    (60, "PADV2"),
    (65, "SLICE"),
    (66, "SIN"),
    (67, "TRANSPOSE_CONV"),
    (69, "TILE"),
    (70, "EXPAND_DIMS"),
    (73, "LOG"),
    (74, "SUM"),
    (75, "SQRT"),
    (76, "RSQRT"),
    (77, "SHAPE"),
    (78, "POW"),
    (82, "REDUCE_MAX"),
    (83, "PACK"),
    (88, "UNPACK"),
    (92, "SQUARE"),
    (97, "RESIZE_NEAREST_NEIGHBOR"),
    (98, "LEAKY_RELU"),
    (99, "SQUARED_DIFFERENCE"),
    (101, "ABS"),
    (102, "SPLIT_V"),
    (111, "ELU"),
    (114, "QUANTIZE"),
    (117, "HARD_SWISH"),
    (119, "WHILE"),
    (126, "BATCH_MATMUL"),
    (130, "BROADCAST_TO"),
    (142, "VAR_HANDLE"),
    (143, "READ_VARIABLE"),
    (150, "GELU"),
    (152, "RELU_0_TO_1"),
];

/// An operator by name, or by number if it has none here.
pub fn operator(code: i32) -> String {
    let found = OPERATORS.iter().find(|(known, _)| *known == code);
    found.map_or_else(
        || format!("operator code {code}"),
        |(_, name)| (*name).to_owned(),
    )
}

/// A type of elements by name.
pub fn kind(code: i8) -> String {
    const NAMES: [&str; 10] = [
        "float32",
        "float16",
        "int32",
        "uint8",
        "int64",
        "string",
        "bool",
        "int16",
        "complex64",
        "int8",
    ];
    let found = usize::try_from(code).ok().and_then(|k| NAMES.get(k));
    found.map_or_else(|| format!("type {code}"), |name| (*name).to_owned())
}
