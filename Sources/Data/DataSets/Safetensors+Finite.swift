extension Safetensors.Tensor {
    /// The row-major index of the first NaN or infinite value; `nil` if all are finite.
    public var firstNonFiniteIndex: Int? { values.firstIndex { !$0.isFinite } }

    /// The index in each dimension of the element at a row-major index: `[1, 0]` for 3 in shape
    /// `[2, 3]`. Empty for a scalar, for an index out of range and for a malformed shape.
    public func position(ofIndex index: Int) -> [Int] {
        guard let count = checkedProduct(shape), (0..<count).contains(index) else { return [] }
        var rest = index
        var result: [Int] = []
        for size in shape.reversed() {
            result.append(rest % size)
            rest /= size
        }
        return result.reversed()
    }
}

extension Safetensors {
    /// Refuses NaN and infinities. Reading does not: what they mean is the caller's decision.
    ///
    /// - Throws: `SafetensorsError.notFinite`, which names the tensor, in the order of `tensors`,
    ///   and the position of its first such value.
    public func requireFinite() throws(SafetensorsError) {
        for tensor in tensors {
            guard let index = tensor.firstNonFiniteIndex else { continue }
            throw .notFinite(
                file: name, tensor: tensor.name, index: index,
                position: tensor.position(ofIndex: index),
                value: "\(tensor.values[index])")
        }
    }
}
