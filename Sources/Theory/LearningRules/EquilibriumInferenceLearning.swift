internal import ImplicitSGD
public import LinearAlgebra
internal import Networks
internal import RealModule

/// `il-equilibrium`, `il-prox-equilibrium`: the inference of a rule run to its equilibrium.
///
/// For frozen precisions the equilibrium minimises an energy, which Newton's method finds, kinks
/// included. Normalized precisions follow the rates: they are frozen, the energy is minimised, they
/// are read off again, and the fixed point of that map in the `N − 1` numbers `log sₙ` is
/// accelerated (Anderson). Every example is inferred on its own. The step reports the residual of
/// the field at the precisions of its own rates; an inference that did not reach the tolerance says
/// so.
///
/// With kinked activations there can be several equilibria. Newton's method need not find the one that small Euler
/// steps from the feedforward pass would reach.
public struct EquilibriumInferenceLearning: LearningRule {
    public let name: String
    public var precision: EulerInference.Precision
    public var output: OutputTreatment
    public var weightUpdate: WeightUpdate
    /// The bound on the residual of the inference field.
    public var tolerance: Double
    public var roundLimit: Int

    public init(
        name: String, precision: EulerInference.Precision, output: OutputTreatment,
        weightUpdate: WeightUpdate, tolerance: Double = 1e-10, roundLimit: Int = 200
    ) {
        self.name = name
        self.precision = precision
        self.output = output
        self.weightUpdate = weightUpdate
        self.tolerance = tolerance
        self.roundLimit = roundLimit
    }

    /// `il-equilibrium`: the energy of `il` at its minimum.
    public static func standard() -> EquilibriumInferenceLearning {
        EquilibriumInferenceLearning(
            name: "il-equilibrium", precision: .unit, output: .clamped, weightUpdate: .local)
    }

    /// `il-prox-equilibrium`: the inference of `il-prox` at its equilibrium, the output at its true
    /// proximal point, as T9 assumes.
    public static func proximal(
        output: OutputTreatment = .proximalPoint, epsilon: Double = 0
    ) -> EquilibriumInferenceLearning {
        EquilibriumInferenceLearning(
            name: "il-prox-equilibrium", precision: .normalized, output: output,
            weightUpdate: .normalized(epsilon: epsilon))
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let wide = try problem.inDouble()
        var hidden = Linearization(network: wide.network, batch: wide.batch, loss: wide.loss)
            .activities.dropLast()
        var worst = EquilibriumStatus(
            isConverged: true, residual: 0, tolerance: tolerance, iterations: 0)
        for example in 0..<wide.batch.size {
            let (activities, status) = infer(try wide.example(example))
            for n in hidden.indices {
                for i in 0..<hidden[n].rows { hidden[n][i, example] = activities[n][i, 0] }
            }
            worst = EquilibriumStatus(
                isConverged: worst.isConverged && status.isConverged,
                residual: max(worst.residual, status.residual), tolerance: tolerance,
                iterations: worst.iterations + status.iterations)
        }
        let state = InferenceState(
            problem, hidden: hidden.mapValues { $0.converted(to: Scalar.self) }, output: output)
        return LearningStep(
            update: try weightUpdate.update(state, problem), activities: state.activities,
            equilibrium: worst)
    }

    /// The hidden activities at the equilibrium of one example.
    private func infer(
        _ problem: LearningProblem<Double>
    ) -> (activities: PerLayer<Matrix<Double>>, status: EquilibriumStatus) {
        var energy = InferenceEnergy(problem, output: output)
        var point = energy.origin
        _ = energy.evaluate(at: point)
        var logarithms = energy.squaredNorms.map { Double.log($0) }
        var acceleration = AndersonAcceleration(depth: 5)
        var iterations = 0
        var residual = Double.infinity
        for _ in 0..<roundLimit {
            if precision == .normalized {
                energy.precisions.elements = logarithms.map { Double.exp(-$0) }
                energy.outputStep = problem.learningRate * Double.exp(logarithms.last ?? 0)
            }
            var descent = LayeredDescent(
                energy, start: point, tolerance: tolerance / 8, iterationLimit: 500)
            let outcome = descent.run()
            point = descent.point
            energy = descent.energy
            iterations += descent.iterations
            let found = energy.squaredNorms.map { Double.log($0) }
            residual = descent.residual
            if precision == .unit {
                return (
                    energy.activities,
                    EquilibriumStatus(
                        isConverged: outcome == .converged, residual: residual,
                        tolerance: tolerance, iterations: iterations)
                )
            }
            // With precisions off by a factor exp(d), the balanced parts differ by about |d|.
            let change = zip(found, logarithms).reduce(0) { max($0, abs($1.0 - $1.1)) }
            residual = max(residual, change)
            if residual <= tolerance { break }
            // The precisions have settled and rounding hides what is left of the field: more rounds repeat this one.
            if outcome != .converged, change <= descent.residual { break }
            logarithms = acceleration.next(point: logarithms, image: found)
        }
        return (
            energy.activities,
            EquilibriumStatus(
                isConverged: residual <= tolerance, residual: residual, tolerance: tolerance,
                iterations: iterations)
        )
    }
}

extension RuleEntry {
    public static let inferenceLearningEquilibrium = RuleEntry(
        name: "il-equilibrium", summary: "il with inference run to its equilibrium",
        settings: [.nudge, .tolerance], chartStyle: 5, isCompared: true
    ) { settings in
        var rule = EquilibriumInferenceLearning.standard()
        rule.output = settings.standardOutput
        rule.tolerance = settings.equilibriumTolerance
        return rule
    }

    public static let proximalInferenceLearningEquilibrium = RuleEntry(
        name: "il-prox-equilibrium", summary: "il-prox at its equilibrium, true proximal output (T9)",
        settings: [.epsilon, .tolerance], chartStyle: 6, isCompared: true,
        deviation: .init(order: 2, theorem: "T9")
    ) { settings in
        var rule = EquilibriumInferenceLearning.proximal(epsilon: settings.epsilon ?? 0)
        rule.tolerance = settings.equilibriumTolerance
        return rule
    }
}
