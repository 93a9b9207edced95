/// Named tensors of floating-point numbers, as in a safetensors file.
///
/// Format (Hugging Face, *safetensors*): the header's length as a little-endian 64-bit number; the
/// header, a JSON object that gives for each name a `dtype`, a `shape` and the `data_offsets` of
/// its bytes, and optionally `__metadata__`, an object of strings; then the bytes, little-endian,
/// each tensor in row-major (C) order, without holes or overlaps. PyTorch, JAX and NumPy read and
/// write it.
///
/// Values are delivered as `Double`, whatever the file holds, and in the file's row-major order:
/// element `(i, j)` of an `m × n` tensor is `values[i * n + j]`. So a batch of shape `[B, width]`,
/// one example per row, *is* the column-major `width × B` matrix with one example per column.
public struct Safetensors: Sendable, Equatable {
    /// The element types that are read and written. Others are refused with advice.
    public enum ElementType: String, Sendable, CaseIterable {
        case float64 = "F64"
        case float32 = "F32"

        /// Bytes per element.
        public var size: Int { self == .float64 ? 8 : 4 }
    }

    /// One tensor.
    public struct Tensor: Sendable, Equatable {
        public var name: String
        /// The size of each dimension, slowest first; empty for a scalar.
        public var shape: [Int]
        /// The element type in the file. The values are `Double` all the same.
        public var elementType: ElementType
        /// The elements in row-major order: as many as the product of `shape`.
        public var values: [Double]

        /// A tensor; that `values` fit `shape` is checked when it is written.
        public init(
            name: String, shape: [Int], elementType: ElementType = .float64, values: [Double]
        ) {
            self.name = name
            self.shape = shape
            self.elementType = elementType
            self.values = values
        }
    }

    /// The path of the file read, or the name given to bytes in memory or to tensors of one's own.
    public var name: String
    /// The tensors: as they lie in a file that was read, otherwise as given.
    public var tensors: [Tensor]
    /// The strings of `__metadata__`, empty if the file has none.
    public var metadata: [String: String]

    /// Tensors to be written. Nothing is checked before that.
    ///
    /// - Parameter name: stands for the file in errors until a path is known.
    /// - Parameter tensors: in the order of the file.
    /// - Parameter metadata: the strings of `__metadata__`.
    public init(tensors: [Tensor], metadata: [String: String] = [:], name: String = "tensors") {
        self.name = name
        self.tensors = tensors
        self.metadata = metadata
    }
}
