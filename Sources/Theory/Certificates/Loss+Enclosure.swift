internal import Intervals
internal import LinearAlgebra
internal import Networks

/// Losses of intervals, with the same care for vanishing losses as `Loss` takes.
extension Loss {
    /// An enclosure of the sum of the losses of all columns.
    func totalEnclosure(_ logits: BallMatrix, targets: Matrix<Double>) -> Interval {
        var sum = Interval.zero
        for example in 0..<logits.columns {
            let softmax = SoftmaxEnclosure(logits, example)
            for i in 0..<logits.rows {
                let (h, y) = (logits[i, example], Interval(targets[i, example]))
                switch self {
                case .squaredError: sum = sum + (h - y).squared / Interval(2)
                case .softmaxCrossEntropy:
                    sum = sum + y * (softmax.height(i, of: h) + softmax.others.logarithmOfOnePlus)
                case .sigmoidCrossEntropy:
                    sum = sum + y * (-h).softplus + (Interval(1) - y) * h.softplus
                }
            }
        }
        return sum
    }

    /// Enclosures of `∂ℓ/∂h`, column by column.
    func gradientEnclosure(_ logits: BallMatrix, targets: Matrix<Double>) -> BallMatrix {
        switch self {
        case .squaredError: return logits - BallMatrix(exactly: targets)
        case .sigmoidCrossEntropy:
            return logits.zip(with: BallMatrix(exactly: targets)) { h, y in
                (Interval(1) - y) * h.logistic - y * (-h).logistic
            }
        case .softmaxCrossEntropy:
            var result = logits
            for example in 0..<logits.columns {
                let softmax = SoftmaxEnclosure(logits, example)
                for i in 0..<logits.rows {
                    var otherMass = Interval.zero
                    for j in 0..<logits.rows where j != i && targets[j, example] != 0 {
                        let mass = Interval(targets[j, example])
                        otherMass = otherMass == .zero ? mass : otherMass + mass
                    }
                    let (probability, complement) = softmax.probability(i, of: logits[i, example])
                    result[i, example] =
                        probability * otherMass - Interval(targets[i, example]) * complement
                }
            }
            return result
        }
    }

    /// An enclosure of `∂²ℓ/∂h²` for one example.
    func hessianEnclosure(_ logits: BallMatrix, targets: Matrix<Double>, example: Int) -> BallMatrix {
        let softmax = SoftmaxEnclosure(logits, example)
        let mass = (0..<logits.rows).reduce(Interval.zero) { $0 + Interval(targets[$1, example]) }
        let parts = (0..<logits.rows).map { softmax.probability($0, of: logits[$0, example]) }
        return BallMatrix(rows: logits.rows, columns: logits.rows) { i, j in
            switch self {
            case .squaredError: i == j ? Interval(1) : .zero
            case .sigmoidCrossEntropy: i == j ? logits[i, example].logisticSlope : .zero
            case .softmaxCrossEntropy:
                mass * (i == j ? parts[i].0 * parts[i].1 : -(parts[i].0 * parts[j].0))
            }
        }
    }
}

/// The parts of the softmax of one column, in relation to its largest logit.
private struct SoftmaxEnclosure {
    let index: Int
    let maximum: Interval
    /// `Σ exp(hⱼ − max)` over all `j` but `index`.
    let others: Interval

    init(_ logits: BallMatrix, _ example: Int) {
        var best = 0
        for i in 1..<max(1, logits.rows) where logits.center[i, example] > logits.center[best, example] {
            best = i
        }
        var sum = Interval.zero
        for i in 0..<logits.rows where i != best {
            sum = sum + (logits[i, example] - logits[best, example]).exponential
        }
        (index, maximum, others) = (best, logits[best, example], Interval(lower: max(0, sum.lower), upper: sum.upper))
    }

    /// `max − h` of an entry: 0 of the largest itself, whatever is known of it.
    func height(_ i: Int, of logit: Interval) -> Interval { i == index ? .zero : maximum - logit }

    /// The probability of an entry and 1 minus it.
    func probability(_ i: Int, of logit: Interval) -> (Interval, Interval) {
        let total = Interval(1) + others
        if i == index { return (Interval(1) / total, others / total) }
        let probability = (logit - maximum).exponential / total
        return (probability, Interval(1) - probability)
    }
}
