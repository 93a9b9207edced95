internal import DataSets
internal import LinearAlgebra
internal import Networks

/// The tensors of a file by what they mean: the weights and biases of numbered layers, `x` and `y`.
///
/// Shapes of the layers fit together and all values are finite, or it cannot be made. Tensors whose
/// name begins with `extra.` are ignored, whatever their type; any other name is refused, since a misspelt bias would
/// otherwise silently be none.
struct LayerTensors {
    /// One layer in the file's own layout.
    struct Layer {
        var weight: Safetensors.Tensor
        var bias: Safetensors.Tensor?
    }

    let file: String
    private(set) var layers: [Layer] = []
    private(set) var inputs: Safetensors.Tensor?
    private(set) var targets: Safetensors.Tensor?
    private(set) var metadata: [String: String] = [:]

    init(path: String) throws(CaseFileError) {
        try self.init(try Self.contents(of: path), file: path)
    }

    /// The file's tensors, all finite.
    static func contents(of path: String) throws(CaseFileError) -> Safetensors {
        do throws(SafetensorsError) {
            let contents = try Safetensors(path: path, ignoring: "extra.")
            try contents.requireFinite()
            return contents
        } catch {
            if case .unsupportedElementType(let file, TensorName.targets.text, let type) = error,
                type.first.map("IUB".contains) ?? false {
                throw .classLabels(file: file, elementType: type)
            }
            throw .unreadable(error.description)
        }
    }

    init(_ contents: Safetensors, file path: String) throws(CaseFileError) {
        guard contents.metadata[GraphFile.key] == nil else { throw .graphForChain(file: path) }
        file = path
        metadata = contents.metadata
        var weights: [Int: Safetensors.Tensor] = [:]
        var biases: [Int: Safetensors.Tensor] = [:]
        for tensor in contents.tensors {
            switch TensorName(tensor.name) {
            case .weight(let layer): weights[layer] = tensor
            case .bias(let layer): biases[layer] = tensor
            case .inputs: inputs = tensor
            case .targets: targets = tensor
            case nil: throw .unknownTensor(file: path, tensor: tensor.name)
            }
        }
        try assemble(weights, biases)
    }

    private mutating func assemble(
        _ weights: [Int: Safetensors.Tensor], _ biases: [Int: Safetensors.Tensor]
    ) throws(CaseFileError) {
        guard !weights.isEmpty || !biases.isEmpty else {
            throw .missingTensor(
                file: file, tensor: TensorName.weight(0).text,
                purpose: "the weights of the first layer, out × in")
        }
        for number in 0..<weights.count where weights[number] == nil {
            let other = weights.keys.filter { $0 > number }.min() ?? number
            throw .missingLayer(
                file: file, tensor: TensorName.weight(number).text,
                because: TensorName.weight(other).text)
        }
        if let stray = biases.keys.filter({ weights[$0] == nil }).min() {
            throw .missingLayer(
                file: file, tensor: TensorName.weight(stray).text,
                because: TensorName.bias(stray).text)
        }
        for number in 0..<weights.count {
            guard let weight = weights[number] else { continue }
            try append(Layer(weight: weight, bias: biases[number]))
        }
    }

    private mutating func append(_ layer: Layer) throws(CaseFileError) {
        let shape = layer.weight.shape
        guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
            throw .shape(
                file: file, tensor: layer.weight.name, expected: "[out, in], both positive",
                found: shape)
        }
        if let last = layers.last, shape[1] != last.weight.shape[0] {
            throw .shape(
                file: file, tensor: layer.weight.name,
                expected: "[out, \(last.weight.shape[0])], because \(last.weight.name) has "
                    + "\(last.weight.shape[0]) outputs",
                found: shape)
        }
        if let bias = layer.bias, bias.shape != [shape[0]] {
            throw .shape(
                file: file, tensor: bias.name,
                expected: "[\(shape[0])], the outputs of \(layer.weight.name)", found: bias.shape)
        }
        layers.append(layer)
    }

    var widths: [Int] {
        layers.prefix(1).map { $0.weight.shape[1] } + layers.map { $0.weight.shape[0] }
    }

    var biasFlags: [Bool] { layers.map { $0.bias != nil } }

    /// The weights in this project's layout: `out × in` in columns, the bias as last column.
    var parameters: Parameters<Double> {
        Parameters(
            layers: layers.map { layer in
                let (rows, columns) = (layer.weight.shape[0], layer.weight.shape[1])
                return Matrix(rows: rows, columns: columns + (layer.bias == nil ? 0 : 1)) { i, j in
                    j < columns ? layer.weight.values[i * columns + j] : layer.bias?.values[i] ?? 0
                }
            })
    }

    /// Whether some weights are in single precision.
    var hasSinglePrecision: Bool {
        layers.contains {
            $0.weight.elementType == .float32 || $0.bias?.elementType == .float32
        }
    }
}

/// What a tensor's name means. Numbers are written without sign and leading zeros.
package enum TensorName: Equatable {
    case weight(Int)
    case bias(Int)
    case inputs
    case targets

    package init?(_ text: String) {
        switch text {
        case "x": self = .inputs
        case "y": self = .targets
        default:
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "layers", let number = Int(parts[1]), number >= 0,
                String(number) == parts[1]
            else { return nil }
            switch parts[2] {
            case "weight": self = .weight(number)
            case "bias": self = .bias(number)
            default: return nil
            }
        }
    }

    package var text: String {
        switch self {
        case .weight(let layer): "layers.\(layer).weight"
        case .bias(let layer): "layers.\(layer).bias"
        case .inputs: "x"
        case .targets: "y"
        }
    }
}
