internal import Graphs
internal import LinearAlgebra
internal import Networks

/// Maps of graphs from their definitions, entry by entry in the order of files: independent of the module `Graphs`, and able to be
/// wrong in chosen ways.
struct NaiveGraph {
    /// What can be wrong with it.
    enum Fault: Sendable { case none, shiftedPadding, transposedKernel, biasOncePerChannel }

    let graph: GraphDescription
    let shapes: [String: [Int]]
    var fault = Fault.none

    /// A value with its shape, row by row.
    typealias Entries = (values: [Double], shape: [Int])

    /// What an edge makes of the rates of one example; biases and weights that are not in `tensors` count as zero.
    func apply(_ edge: EdgeDescription, to rates: Entries, _ tensors: [String: [Double]]) -> Entries {
        edge.maps.reduce(rates) { apply($1, to: $0, tensors) }
    }

    /// Whether an edge has parameters.
    static func isWeighted(_ edge: EdgeDescription) -> Bool { edge.maps.contains { $0.settings["weight"] != nil } }

    private func apply(_ map: MapDescription, to source: Entries, _ tensors: [String: [Double]]) -> Entries {
        let shape = source.shape
        switch map.kind {
        case "dense": return dense(map, source, tensors)
        case "convolution": return convolution(map, source, tensors)
        case "average-pool":
            let (size, stride) = (integers(map, "size"), integers(map, "stride"))
            let target = [shape[0], (shape[1] - size[0]) / stride[0] + 1, (shape[2] - size[1]) / stride[1] + 1]
            var values: [Double] = []
            for c in 0..<target[0] {
                for i in 0..<target[1] {
                    for j in 0..<target[2] {
                        var sum = 0.0
                        for y in 0..<size[0] {
                            for x in 0..<size[1] {
                                let row: Int = c * shape[1] + i * stride[0] + y
                                sum += source.values[row * shape[2] + j * stride[1] + x]
                            }
                        }
                        values.append(sum / Double(size[0] * size[1]))
                    }
                }
            }
            return (values, target)
        case "subsample":
            let stride = integers(map, "stride")[0]
            let kept = Array(Swift.stride(from: 0, to: shape[1], by: stride))
            return ((0..<shape[0]).flatMap { c in kept.map { source.values[c * shape[1] + $0] } }, [shape[0], kept.count])
        case "slice":
            let (start, length) = (integer(map, "start"), integer(map, "length"))
            return (Array(source.values[start..<start + length]), [length])
        case "scale":
            guard case .number(let factor)? = map.settings["factor"] else { return source }
            return (source.values.map { factor * $0 }, shape)
        default: return (source.values, [source.values.count])
        }
    }

    private func dense(_ map: MapDescription, _ source: Entries, _ tensors: [String: [Double]]) -> Entries {
        let (name, bias) = (text(map, "weight"), text(map, "bias"))
        let shape = shapes[name] ?? []
        let isTransposed = map.settings["transposed"] == .boolean(true)
        let outputs = isTransposed ? shape[1] : shape[0]
        let weights = tensors[name] ?? []
        var values: [Double] = tensors[bias] ?? Array(repeating: 0, count: outputs)
        if weights.isEmpty { return (values, [outputs]) }
        for o in 0..<outputs {
            for i in source.values.indices {
                let place = isTransposed ? i * shape[1] + o : o * shape[1] + i
                values[o] += weights[place] * source.values[i]
            }
        }
        return (values, [outputs])
    }

    private func convolution(_ map: MapDescription, _ source: Entries, _ tensors: [String: [Double]]) -> Entries {
        let name = text(map, "weight")
        let (weights, bias) = (tensors[name] ?? [], tensors[text(map, "bias")])
        // A sequence is an image of one row.
        let isImage = source.shape.count == 3
        let shape: [Int] = shapes[name] ?? []
        let kernel: [Int] = isImage ? [shape[2], shape[3]] : [1, shape[2]]
        let stride: [Int] = isImage ? integers(map, "stride") : [1] + integers(map, "stride")
        let padding: [Int] = isImage ? integers(map, "padding") : [0] + integers(map, "padding")
        let image: [Int] = isImage ? Array(source.shape.dropFirst()) : [1, source.shape[1]]
        var target: [Int] = []
        for d in 0..<2 { target.append((image[d] + 2 * padding[d] - kernel[d]) / stride[d] + 1) }
        let (outputs, inputs) = (shape[0], source.shape[0])
        let shift = fault == .shiftedPadding ? 1 : 0
        var values: [Double] = []
        for o in 0..<outputs {
            for i in 0..<target[0] {
                for j in 0..<target[1] {
                    let hasBias = fault != .biasOncePerChannel || i + j == 0
                    var sum: Double = hasBias ? bias?[o] ?? 0 : 0
                    for c in 0..<inputs {
                        for ky in 0..<kernel[0] {
                            for kx in 0..<kernel[1] {
                                let y: Int = i * stride[0] + ky - padding[0]
                                let x: Int = j * stride[1] + kx - padding[1] + shift
                                guard (0..<image[0]).contains(y), (0..<image[1]).contains(x), !weights.isEmpty else { continue }
                                // A kernel that is turned by half a circle.
                                let (v, u) = fault == .transposedKernel ? (kernel[0] - 1 - ky, kernel[1] - 1 - kx) : (ky, kx)
                                let weight: Int = ((o * inputs + c) * kernel[0] + v) * kernel[1] + u
                                let pixel: Int = (c * image[0] + y) * image[1] + x
                                sum += weights[weight] * source.values[pixel]
                            }
                        }
                    }
                    values.append(sum)
                }
            }
        }
        return (values, isImage ? [outputs] + target : [outputs, target[1]])
    }

    private func text(_ map: MapDescription, _ name: String) -> String {
        if case .text(let value)? = map.settings[name] { value } else { "" }
    }

    private func integers(_ map: MapDescription, _ name: String) -> [Int] {
        if case .integers(let values)? = map.settings[name] { values } else { [] }
    }

    private func integer(_ map: MapDescription, _ name: String) -> Int {
        if case .number(let value)? = map.settings[name] { Int(value) } else { 0 }
    }
}
