internal import DataSets
internal import Graphs
public import LinearAlgebra
public import Networks

extension GraphFile {
    /// Writes `w_b + update` under the names of the case, with its description and without its batch.
    ///
    /// - Parameter update: one matrix for each tensor.
    /// - Parameter path: the file to write.
    /// - Parameter precision: the element type of the parameters in it.
    /// - Parameter metadata: what `__metadata__` should say besides the network and the loss.
    /// - Throws: `CaseFileError.unwritable`, or `FileError` if the system refuses the file; nothing is left behind then.
    public func write(
        _ update: Parameters<Double>, to path: String, precision: WeightPrecision = .double,
        metadata: [String: String] = [:]
    ) throws {
        let after = network.parameters + update
        let written = zip(tensors, zip(network.architecture.tensors, after.layers)).map { own, tensor in
            var result = own
            if precision == .double { result.elementType = .float64 }
            result.values = tensor.0.rowMajor(tensor.1)
            return result
        }
        var all = metadata
        all[Self.key] = description
        all["loss"] = loss.name
        do {
            try Safetensors(tensors: written, metadata: all, name: path).write(to: path)
        } catch let error as SafetensorsError {
            throw CaseFileError.unwritable(error.description)
        }
    }

    /// What `write` makes of an update: the difference of the parameters as they are written from those of the case.
    public func written(_ update: Parameters<Double>, precision: WeightPrecision) -> Parameters<Double> {
        var after = network.parameters + update
        if precision == .asInCase {
            for (n, tensor) in tensors.enumerated() where tensor.elementType == .float32 {
                after.layers[n] = after.layers[n].converted(to: Float.self).converted(to: Double.self)
            }
        }
        return after - network.parameters
    }

    /// Somebody's parameters after a step on this case: the same names and shapes, with or without the batch.
    ///
    /// - Returns: `Δ = w_after − w_b`, and whether some tensors in that file are F32.
    /// - Throws: `CaseFileError.notTheSame`, or what reading a file can throw.
    public func update(
        after path: String
    ) throws(CaseFileError) -> (update: Parameters<Double>, hasSinglePrecision: Bool) {
        let other = try LayerTensors.contents(of: path)
        var named: [String: Safetensors.Tensor] = [:]
        for tensor in other.tensors { named[tensor.name] = tensor }
        for (name, own) in [("x", inputs), ("y", targets)] {
            guard let theirs = named.removeValue(forKey: name) else { continue }
            guard theirs.values == own.elements else {
                throw .notTheSame(file: path, tensor: name, before: self.path, reason: "differs from that of")
            }
        }
        var after: [Matrix<Double>] = []
        var hasSinglePrecision = false
        for tensor in network.architecture.tensors {
            guard let theirs = named.removeValue(forKey: tensor.name) else {
                throw .notTheSame(file: path, tensor: tensor.name, before: self.path, reason: "is missing, unlike in")
            }
            guard theirs.shape == tensor.shape else {
                throw .notTheSame(
                    file: path, tensor: tensor.name, before: self.path,
                    reason: "has shape \(shapeText(theirs.shape)) and not \(shapeText(tensor.shape)) as in")
            }
            after.append(tensor.matrix(rowMajor: theirs.values))
            hasSinglePrecision = hasSinglePrecision || theirs.elementType == .float32
        }
        if let stray = named.keys.min() {
            throw .notTheSame(file: path, tensor: stray, before: self.path, reason: "does not exist in")
        }
        return (Parameters(layers: after) - network.parameters, hasSinglePrecision)
    }
}
