internal import DataSets
public import LinearAlgebra
public import Networks

/// The element types in which new weights can be written.
public enum WeightPrecision: String, CaseIterable, Sendable, Hashable {
    /// F64: the weights as they were solved for. PyTorch's `load_state_dict` rounds them itself.
    case double = "f64"
    /// Each tensor as in the case. F32 rounds each weight by up to 6e-8 of itself, which can be
    /// far more than the tolerance that the update met.
    case asInCase = "as-in-case"
}

extension CaseFile {
    /// Writes `θ_b + update` under the names of the case, without its batch.
    ///
    /// The file appears whole, by the laws of `AtomicFile`, or not at all.
    ///
    /// - Parameter metadata: what `__metadata__` should say besides activation and loss.
    /// - Parameter update: `Δ`, the displacement from the case's weights.
    /// - Parameter path: the file to write.
    /// - Parameter precision: the element type of the weights in it.
    /// - Throws: `CaseFileError.unwritable` for weights that the element type cannot hold, `FileError` if the system
    ///   refuses the file; nothing is left behind then.
    public func write(
        _ update: Parameters<Double>, to path: String, precision: WeightPrecision = .double,
        metadata: [String: String] = [:]
    ) throws {
        var result: [Safetensors.Tensor] = []
        let after = network.updated(by: update).parameters
        for (layer, weights) in zip(tensors.layers, after.layers) {
            var weight = layer.weight
            let columns = weight.shape[1]
            if precision == .double { weight.elementType = .float64 }
            weight.values = (0..<weights.rows).flatMap { i in
                (0..<columns).map { j in weights[i, j] }
            }
            result.append(weight)
            guard var bias = layer.bias else { continue }
            if precision == .double { bias.elementType = .float64 }
            bias.values = weights.column(columns)
            result.append(bias)
        }
        var all = metadata
        all["activation"] = network.architecture.hiddenActivations.map(\.name).joined(separator: ",")
        if all["activation"] == "" { all["activation"] = nil }
        all["loss"] = loss.name
        do {
            try Safetensors(tensors: result, metadata: all, name: path).write(to: path)
        } catch let error as SafetensorsError {
            throw CaseFileError.unwritable(error.description)
        }
    }

    /// What `write` makes of an update: the difference of the written weights, rounded to their element types, from
    /// those of the case.
    public func written(_ update: Parameters<Double>, precision: WeightPrecision) -> Parameters<Double> {
        var after = network.updated(by: update).parameters
        guard precision == .asInCase else { return after - network.parameters }
        for (n, layer) in tensors.layers.enumerated() {
            for j in 0..<after.layers[n].columns {
                let type = j < layer.weight.shape[1] ? layer.weight.elementType : layer.bias?.elementType
                guard type == .float32 else { continue }
                for i in 0..<after.layers[n].rows { after.layers[n][i, j] = Double(Float(after.layers[n][i, j])) }
            }
        }
        return after - network.parameters
    }

    /// Reads somebody's weights after a step on this case: the same names and shapes, with or
    /// without the batch, which must then be the same.
    ///
    /// - Returns: `Δ = θ_after − θ_b` and whether some weights in that file are F32.
    public func update(
        after path: String
    ) throws(CaseFileError) -> (update: Parameters<Double>, hasSinglePrecision: Bool) {
        let other = try LayerTensors(path: path)
        guard other.layers.count == tensors.layers.count else {
            let last = TensorName.weight(max(other.layers.count, tensors.layers.count) - 1)
            throw .notTheSame(
                file: path, tensor: last.text, before: self.path,
                reason: other.layers.count < tensors.layers.count
                    ? "is missing, unlike in" : "does not exist in")
        }
        for (own, theirs) in zip(tensors.layers, other.layers) {
            guard own.weight.shape == theirs.weight.shape else {
                throw .notTheSame(
                    file: path, tensor: own.weight.name, before: self.path,
                    reason: "has shape \(shapeText(theirs.weight.shape)) and not "
                        + "\(shapeText(own.weight.shape)) as in")
            }
            guard (own.bias == nil) == (theirs.bias == nil) else {
                let bias = own.bias ?? theirs.bias
                throw .notTheSame(
                    file: path, tensor: bias?.name ?? "", before: self.path,
                    reason: theirs.bias == nil ? "is missing, unlike in" : "does not exist in")
            }
        }
        for (own, theirs) in [(tensors.inputs, other.inputs), (tensors.targets, other.targets)] {
            guard let own, let theirs else { continue }
            guard own.shape == theirs.shape, own.values == theirs.values else {
                throw .notTheSame(
                    file: path, tensor: own.name, before: self.path, reason: "differs from that of")
            }
        }
        return (other.parameters - network.parameters, other.hasSinglePrecision)
    }
}
