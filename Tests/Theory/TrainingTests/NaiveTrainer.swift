import Foundation
import LinearAlgebra
import LearningRules
import Networks
import Training

/// An independent, slow trainer for tanh networks with biases and softmax cross-entropy: plain arrays
/// and loops, written from `docs/theory.md` §4, with the paper's constants.
struct NaiveTrainer {
    typealias Weights = [[[Double]]]
    /// The rules that are written here a second time.
    static let rules = ["bp", "bp-adam", "bp-prox", "il", "il-adam", "il-prox", "il-prox-adam", "il-prox-fast",
        "il-exact", "implicit"].compactMap { try? RuleRegistry.builtIn.trainingRule(named: $0) }
    var weights: Weights
    let learningRate: Double
    private var moments: [[[(m: Double, v: Double)]]]
    private var steps = 0

    init(_ network: Network<Double>, learningRate: Double) {
        weights = network.parameters.layers.map { layer in
            (0..<layer.rows).map { i in (0..<layer.columns).map { layer[i, $0] } }
        }
        moments = weights.map { $0.map { $0.map { _ in (0, 0) } } }
        self.learningRate = learningRate
    }

    /// What one example contributes: `āₙ` and `eₙ₊₁` of every layer.
    private struct Local {
        var rates: [[Double]]
        var errors: [[Double]]
    }

    private func predict(_ n: Int, _ extended: [Double]) -> [Double] {
        weights[n].map { row in zip(row, extended).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    private func squared(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }

    private func outputGradient(_ h: [Double], _ y: [Double]) -> [Double] {
        let powers = h.map { exp($0) }
        let sum = powers.reduce(0, +)
        return zip(powers, y).map { $0 / sum - $1 }
    }

    func loss(_ x: [Double], _ y: [Double]) -> Double {
        var a = x
        for n in weights.indices {
            let p = predict(n, a + [1])
            a = n + 1 < weights.count ? p.map { tanh($0) } : p
        }
        let total = log(a.reduce(0) { $0 + exp($1) })
        return zip(a, y).reduce(0) { $0 - $1.1 * ($1.0 - total) }
    }

    /// Explicit errors `−∂ℓ/∂h`, the output's multiplied by `output(s_{N−1})`.
    private func backward(
        _ x: [Double], _ y: [Double], output: (Double) -> Double
    ) -> Local {
        var rates = [x + [1]]
        var top: [Double] = []
        for n in weights.indices {
            top = predict(n, rates[n])
            if n + 1 < weights.count { rates.append(top.map { tanh($0) } + [1]) }
        }
        let scale = output(squared(rates[rates.count - 1]))
        var errors = [outputGradient(top, y).map { -scale * $0 }]
        for n in stride(from: weights.count - 1, to: 0, by: -1) {
            let e = errors[0]
            errors.insert(
                (0..<(rates[n].count - 1)).map { i in
                    let sum = e.indices.reduce(0) { $0 + weights[n][$1][i] * e[$1] }
                    return sum * (1 - rates[n][i] * rates[n][i])
                }, at: 0)
        }
        return Local(rates: rates, errors: errors)
    }

    private func infer(
        _ x: [Double], _ y: [Double], steps: Int, size: Double, leak: Double, normalized: Bool
    ) -> Local {
        var h: [[Double]] = []
        for n in 0..<(weights.count - 1) {
            h.append(predict(n, n == 0 ? x + [1] : h[n - 1].map { tanh($0) } + [1]))
        }
        func local() -> Local {
            let rates = [x + [1]] + h.map { $0.map { tanh($0) } + [1] }
            var errors = h.indices.map { n in
                zip(h[n], predict(n, rates[n])).map { $0 - $1 }
            }
            let top = weights.count - 1
            let c = learningRate * squared(rates[top])
            let scale = normalized ? c / (1 + c) : 1
            errors.append(outputGradient(predict(top, rates[top]), y).map { -scale * $0 })
            return Local(rates: rates, errors: errors)
        }
        for _ in 0..<steps {
            let now = local()
            for n in h.indices {
                let ratio = normalized ? squared(now.rates[n]) / squared(now.rates[n + 1]) : 1
                for i in h[n].indices {
                    let a = now.rates[n + 1][i]
                    let e = now.errors[n + 1]
                    let sum = e.indices.reduce(0) { $0 + weights[n + 1][$1][i] * e[$1] }
                    h[n][i] += size * (ratio * (1 - a * a) * sum - leak * now.errors[n][i])
                }
            }
        }
        return local()
    }

    /// `scale(n) · Σ e āᵀ`.
    private func outer(_ locals: [Local], scale: (Int) -> Double) -> Weights {
        weights.indices.map { n in
            weights[n].indices.map { i in
                weights[n][i].indices.map { j in
                    scale(n) * locals.reduce(0) { $0 + $1.errors[n][i] * $1.rates[n][j] }
                }
            }
        }
    }

    private func gradientStep(_ batch: [(x: [Double], y: [Double])]) -> Weights {
        outer(batch.map { backward($0.x, $0.y) { _ in 1 } }) { _ in 1 / Double(batch.count) }
    }

    mutating func step(_ rule: TrainingRule, _ batch: [(x: [Double], y: [Double])]) {
        let count = Double(batch.count)
        var locals: [Local] = []
        var isNormalized = true
        switch rule.name {
        case "bp", "bp-adam":
            locals = batch.map { backward($0.x, $0.y) { _ in 1 } }
            isNormalized = false
        case "bp-prox":
            let rate = learningRate
            locals = batch.map { backward($0.x, $0.y) { rate * $0 / (1 + rate * $0) } }
        case "il", "il-adam":
            let steps = rule.usesAdam ? 20 : 25
            locals = batch.map {
                infer($0.x, $0.y, steps: steps, size: 0.015, leak: 1, normalized: false)
            }
            isNormalized = false
        case "il-prox", "il-prox-adam":
            let steps = rule.usesAdam ? 20 : 25
            locals = batch.map {
                infer($0.x, $0.y, steps: steps, size: 0.015, leak: 1, normalized: true)
            }
        case "il-prox-fast":
            locals = batch.map {
                infer($0.x, $0.y, steps: 12, size: 0.025, leak: 0, normalized: true)
            }
        case "il-exact", "implicit":
            return minimise(batch)
        default: preconditionFailure("\(rule.name) is not one of NaiveTrainer.rules")
        }
        let direction = outer(locals) { n in
            isNormalized ? 1 / (locals.reduce(0) { $0 + squared($1.rates[n]) } + count) : 1 / count
        }
        steps += 1
        for n in weights.indices {
            for i in weights[n].indices {
                for j in weights[n][i].indices {
                    let d = direction[n][i][j]
                    if rule.usesAdam {
                        moments[n][i][j].m = 0.9 * moments[n][i][j].m - 0.1 * d
                        moments[n][i][j].v = 0.999 * moments[n][i][j].v + 0.001 * d * d
                        let m = moments[n][i][j].m / (1 - pow(0.9, Double(steps)))
                        let v = moments[n][i][j].v / (1 - pow(0.999, Double(steps)))
                        weights[n][i][j] -= learningRate * m / (v.squareRoot() + 1e-8)
                    } else {
                        weights[n][i][j] += isNormalized ? d : learningRate * d
                    }
                }
            }
        }
    }

    /// Plain gradient descent on `L + ‖θ − θ_b‖²/(2α)` from `θ_b`, for as long as it changes anything.
    private mutating func minimise(_ batch: [(x: [Double], y: [Double])]) {
        let before = weights
        for _ in 0..<4000 {
            let descent = gradientStep(batch)
            for n in weights.indices {
                for i in weights[n].indices {
                    for j in weights[n][i].indices {
                        let pull = (before[n][i][j] - weights[n][i][j]) / learningRate
                        weights[n][i][j] += 0.03 * (descent[n][i][j] + pull)
                    }
                }
            }
        }
    }

    /// `‖θ − other‖` and `‖other‖`.
    func distance(to other: Network<Double>) -> (difference: Double, norm: Double) {
        var (difference, norm) = (0.0, 0.0)
        for (n, layer) in other.parameters.layers.enumerated() {
            for i in 0..<layer.rows {
                for j in 0..<layer.columns {
                    let d = weights[n][i][j] - layer[i, j]
                    difference += d * d
                    norm += layer[i, j] * layer[i, j]
                }
            }
        }
        return (difference.squareRoot(), norm.squareRoot())
    }
}
