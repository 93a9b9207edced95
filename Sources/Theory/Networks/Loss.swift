public import LinearAlgebra
internal import RealModule

/// The loss `ℓ(h, y)` of one example with logits `h` and target `y`.
///
/// | | ℓ(h, y) | mean response μ(h) | targets |
/// |---|---|---|---|
/// | `squaredError` | ½‖h − y‖² | h | any finite |
/// | `softmaxCrossEntropy` | −Σ yᵢ log softmax(h)ᵢ | softmax(h) | probabilities that sum to 1 |
/// | `sigmoidCrossEntropy` | Σ [log(1+eʰ) − yh] | σ(h) | numbers in [0, 1] |
///
/// In all three `∇ℓ = μ(h) − y` (softmax: times Σy, which is 1 up to rounding). Values and
/// gradients do not overflow for any finite logits and keep their relative accuracy where the loss
/// is nearly zero, as the exact update of a saturated network needs.
public enum Loss: String, CaseIterable, Sendable, Hashable, Codable {
    case squaredError = "squared-error"
    case softmaxCrossEntropy = "softmax-cross-entropy"
    case sigmoidCrossEntropy = "sigmoid-cross-entropy"

    /// The name used on the command line and in reports.
    public var name: String { rawValue }

    /// The sum of the losses of all columns.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func total<S: BLASScalar>(_ logits: Matrix<S>, targets: Matrix<S>) -> S {
        var sum: S = 0
        let d = logits.rows
        logits.withPointer { h in
            targets.withPointer { y in
                for column in 0..<logits.columns {
                    sum += value(h + column * d, y + column * d, d)
                }
            }
        }
        return sum
    }

    /// `gradient ← ∂ℓ/∂h`, column by column (each example's own, not divided by the batch size).
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func gradient<S: BLASScalar>(
        _ logits: Matrix<S>, targets: Matrix<S>, into gradient: inout Matrix<S>
    ) {
        let d = logits.rows
        gradient.withMutablePointer { g in
            logits.withPointer { h in
                targets.withPointer { y in
                    for column in 0..<logits.columns {
                        let offset = column * d
                        self.gradient(h + offset, y + offset, d, into: g + offset)
                    }
                }
            }
        }
    }

    /// `response ← μ(h)`, column by column: the network's own prediction of the target.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func response<S: BLASScalar>(_ logits: Matrix<S>, into response: inout Matrix<S>) {
        let d = logits.rows
        response.withMutablePointer { r in
            logits.withPointer { h in
                for column in 0..<logits.columns {
                    let offset = column * d
                    switch self {
                    case .squaredError: (r + offset).update(from: h + offset, count: d)
                    case .softmaxCrossEntropy:
                        let z = Softmax(h + offset, d)
                        for i in 0..<d { r[offset + i] = z.probability(h[offset + i]) }
                    case .sigmoidCrossEntropy:
                        for i in 0..<d { r[offset + i] = Activation.logistic(h[offset + i]) }
                    }
                }
            }
        }
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    private func value<S: BLASScalar>(
        _ h: UnsafePointer<S>, _ y: UnsafePointer<S>, _ d: Int
    ) -> S {
        var sum: S = 0
        switch self {
        case .squaredError:
            for i in 0..<d { sum += (h[i] - y[i]) * (h[i] - y[i]) / 2 }
        case .softmaxCrossEntropy:
            // Both terms are non-negative, so nothing cancels when the loss is tiny.
            let z = Softmax(h, d)
            let logarithm = S.log(onePlus: z.others)
            for i in 0..<d where y[i] != 0 { sum += y[i] * ((z.maximum - h[i]) + logarithm) }
        case .sigmoidCrossEntropy:
            for i in 0..<d {
                sum += y[i] * Activation.softplusValue(-h[i])
                    + (1 - y[i]) * Activation.softplusValue(h[i])
            }
        }
        return sum
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    private func gradient<S: BLASScalar>(
        _ h: UnsafePointer<S>, _ y: UnsafePointer<S>, _ d: Int, into g: UnsafeMutablePointer<S>
    ) {
        switch self {
        case .squaredError:
            for i in 0..<d { g[i] = h[i] - y[i] }
        case .softmaxCrossEntropy:
            // σᵢΣy − yᵢ = σᵢ Σ_{j≠i} yⱼ − yᵢ(1 − σᵢ): for one-hot targets one term is zero, so the
            // gradient keeps its digits when σ has reached y up to rounding.
            let z = Softmax(h, d, exponentials: g)
            var mass: S = 0
            var largest = 0
            for i in 0..<d {
                mass += y[i]
                if y[i] > y[largest] { largest = i }
            }
            for i in 0..<d {
                var otherMass = mass - y[i]
                if i == largest {
                    otherMass = 0
                    for j in 0..<d where j != i { otherMass += y[j] }
                }
                let probability = g[i] / (1 + z.others)
                let complement = z.complement(of: probability, isMaximum: i == z.index)
                g[i] = probability * otherMass - y[i] * complement
            }
        case .sigmoidCrossEntropy:
            for i in 0..<d {
                g[i] = (1 - y[i]) * Activation.logistic(h[i]) - y[i] * Activation.logistic(-h[i])
            }
        }
    }
}

/// The parts of a softmax that its users combine without cancellation.
struct Softmax<S: BLASScalar> {
    /// The largest logit and its (first) index.
    let maximum: S
    let index: Int
    /// `Σ exp(hⱼ − max)` over all `j` but the index of the maximum.
    let others: S

    @inline(__always)
    init(_ h: UnsafePointer<S>, _ d: Int) {
        let best = Self.indexOfMaximum(h, d)
        var sum: S = 0
        for i in 0..<d where i != best { sum += S.exp(h[i] - h[best]) }
        (maximum, index, others) = (h[best], best, sum)
    }

    /// The same, leaving `exp(hᵢ − max)` for every `i` in `exponentials`.
    @inline(__always)
    init(_ h: UnsafePointer<S>, _ d: Int, exponentials: UnsafeMutablePointer<S>) {
        let best = Self.indexOfMaximum(h, d)
        var sum: S = 0
        for i in 0..<d {
            exponentials[i] = S.exp(h[i] - h[best])
            if i != best { sum += exponentials[i] }
        }
        (maximum, index, others) = (h[best], best, sum)
    }

    @inline(__always)
    private static func indexOfMaximum(_ h: UnsafePointer<S>, _ d: Int) -> Int {
        var best = 0
        for i in 0..<d where h[i] > h[best] { best = i }
        return best
    }

    /// `softmax(h)ᵢ` for the logit `hᵢ`.
    @inline(__always)
    func probability(_ logit: S) -> S {
        S.exp(logit - maximum) / (1 + others)
    }

    /// `1 − softmax(h)ᵢ` for the probability `softmax(h)ᵢ`, without cancellation when it is near 1.
    @inline(__always)
    func complement(of probability: S, isMaximum: Bool) -> S {
        isMaximum ? others / (1 + others) : 1 - probability
    }
}
