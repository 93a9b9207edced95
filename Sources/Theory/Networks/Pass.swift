package import LinearAlgebra

/// The feedforward pass of a network and the backward pass through it, in place.
///
/// A workspace: `runForward` fills activities and rates, `assignSlopes` and `runBackward` the rest. One
/// pass costs `2·B` operations a weight in each direction.
package struct Pass<Scalar: BLASScalar>: Sendable {
    package let architecture: Architecture
    package var weights: Parameters<Scalar>
    /// `h₁ … h_N`.
    package private(set) var activities: PerLayer<Matrix<Scalar>>
    /// `a₀ … a_{N−1}`.
    package private(set) var rates: PerLayer<Matrix<Scalar>>
    /// `φ′₁ … φ′_{N−1}`.
    package var slopes: PerLayer<Matrix<Scalar>>
    /// `∂ℓᵢ/∂aₙ` of the hidden layers, not divided by `B`.
    package private(set) var feedback: PerLayer<Matrix<Scalar>>
    /// `δₙ = ∂ℓᵢ/∂hₙ` for `n = 1…N`, not divided by `B`.
    package private(set) var errors: PerLayer<Matrix<Scalar>>

    /// Room for the feedforward pass of `inputs`.
    package init(_ network: Network<Scalar>, inputs: Matrix<Scalar>) {
        architecture = network.architecture
        weights = network.parameters
        activities = architecture.activities(examples: inputs.columns)
        rates = PerLayer(from: 0, [inputs] + activities.dropLast())
        slopes = PerLayer(from: 1, [])
        feedback = slopes
        errors = slopes
    }

    private init(
        _ architecture: Architecture, weights: Parameters<Scalar>, activities: PerLayer<Matrix<Scalar>>,
        rates: PerLayer<Matrix<Scalar>>, slopes: PerLayer<Matrix<Scalar>>, feedback: PerLayer<Matrix<Scalar>>,
        errors: PerLayer<Matrix<Scalar>>
    ) {
        (self.architecture, self.weights) = (architecture, weights)
        (self.activities, self.rates, self.slopes) = (activities, rates, slopes)
        (self.feedback, self.errors) = (feedback, errors)
    }

    /// `h_N`, the outputs.
    package var logits: Matrix<Scalar> { activities[architecture.depth] }

    /// `hₙ₊₁ ← Wₙāₙ` and `aₙ ← φₙ(hₙ)`, from the inputs to the logits.
    package mutating func runForward() {
        let architecture = architecture
        runForward { n, activity, rate in
            architecture.activation(ofLayer: n).evaluate(activity, into: &rate)
        }
    }

    /// The same with another `φ`: `activate` writes the rates of a hidden layer.
    package mutating func runForward(
        activate: (_ layer: Int, Matrix<Scalar>, inout Matrix<Scalar>) -> Void
    ) {
        for n in weights.layers.indices {
            architecture.weightLayers[n].predict(
                rates[n], weights: weights.layers[n], into: &activities[n + 1])
            if n + 1 < architecture.depth { activate(n + 1, activities[n + 1], &rates[n + 1]) }
        }
    }

    /// The same pass in another precision, every number rounded on its own.
    package func converted<Target: BLASScalar>(to type: Target.Type) -> Pass<Target> {
        Pass<Target>(
            architecture, weights: weights.converted(to: type), activities: activities.converted(to: type),
            rates: rates.converted(to: type), slopes: slopes.converted(to: type), feedback: feedback.converted(to: type),
            errors: errors.converted(to: type))
    }

    /// Makes room for the backward pass.
    package mutating func prepareBackward() {
        errors = activities
        slopes = activities.dropLast()
        feedback = slopes
    }

    /// `φ′ₙ(hₙ)` of every hidden layer.
    package mutating func assignSlopes() {
        for n in architecture.hiddenLayers {
            architecture.activation(ofLayer: n).slope(activities[n], into: &slopes[n])
        }
    }

    /// `δ_N ← ∇ℓ`, then downwards `∂ℓ/∂aₙ ← (∂pₙ₊₁/∂aₙ)ᵀδₙ₊₁` and `δₙ ← φ′ₙ ⊙ ∂ℓ/∂aₙ`.
    package mutating func runBackward(_ loss: Loss, targets: Matrix<Scalar>) {
        loss.gradient(logits, targets: targets, into: &errors[architecture.depth])
        for n in architecture.hiddenLayers.reversed() {
            architecture.weightLayers[n].pullBackToRates(
                errors[n + 1], weights: weights.layers[n], keep: 0, into: &feedback[n])
            errors[n].assign(slopes[n], timesElementwise: feedback[n])
        }
    }

    /// `gradient ← 1/B Σᵢ A(a)ᵀδ` of every layer: the gradient of the mean loss.
    package func assignGradient(to gradient: inout Parameters<Scalar>) {
        let scale = 1 / Scalar(logits.columns)
        for n in weights.layers.indices {
            architecture.weightLayers[n].pullBackToWeights(
                errors[n + 1], rates[n], scale: scale, keep: 0, into: &gradient.layers[n])
        }
    }
}

extension Matrix {
    /// `self ← self ⊙ other`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func multiply(elementwise other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "\(shape) ⊙ \(other.shape)")
        let n = count
        withMutablePointer { x in
            other.withPointer { y in
                for i in 0..<n { x[i] *= y[i] }
            }
        }
    }

    /// `self ← left ⊙ right`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assign(_ left: Matrix, timesElementwise right: Matrix) {
        precondition(count == left.count && count == right.count, "\(left.shape) ⊙ \(right.shape)")
        let n = count
        withMutablePointer { target in
            left.withPointer { x in
                right.withPointer { y in for i in 0..<n { target[i] = x[i] * y[i] } }
            }
        }
    }

    /// `self ← self + left ⊙ right`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func add(_ left: Matrix, timesElementwise right: Matrix) {
        precondition(count == left.count && count == right.count, "\(left.shape) ⊙ \(right.shape)")
        let n = count
        withMutablePointer { target in
            left.withPointer { x in
                right.withPointer { y in for i in 0..<n { target[i] += x[i] * y[i] } }
            }
        }
    }
}

extension PerLayer {
    /// The matrices in another precision.
    package func converted<Scalar: BLASScalar, Target: BLASScalar>(to type: Target.Type) -> PerLayer<Matrix<Target>>
    where Element == Matrix<Scalar> {
        mapValues { $0.converted(to: type) }
    }
}
