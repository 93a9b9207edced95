package import ImplicitSGD
package import LinearAlgebra
package import Networks

/// `P(Δ) = L(w_b + Δ) + ‖Δ‖²/(2α)` of a graph at one point, for the descent in weight space that chains use too.
package struct GraphObjective: WeightSpaceObjective, CurvatureOperator {
    package typealias Kernel = GraphKernel
    package typealias CoarseKernel = GraphKernel

    package let problem: GraphProblem
    package private(set) var update: Parameters<Double>
    package private(set) var value = Double.infinity
    package private(set) var gradient: Parameters<Double>
    private(set) var pass: GraphPass
    /// After `differentiate`, `φ″ₙ ⊙ ∂ℓ/∂aₙ`.
    private var bends: PerLayer<Matrix<Double>>
    private var tangents: GraphTangents
    package var kinks: KinkTreatment

    package init(_ problem: GraphProblem) {
        self.problem = problem
        let architecture = problem.network.architecture
        update = architecture.zero
        gradient = update
        pass = GraphPass(architecture, parameters: problem.network.parameters, inputs: problem.batch.inputs)
        bends = pass.slopes
        tangents = GraphTangents(pass)
        kinks = KinkTreatment(
            units: PerLayer(architecture.hiddenNodes) {
                architecture.nodes[$0].activation.kink == nil ? 0 : architecture.nodes[$0].shape.count
            }, examples: problem.batch.size)
    }

    private var architecture: GraphArchitecture { problem.network.architecture }
    package var point: GraphObjective {
        get { self }
        _modify { yield &self }
    }
    /// The passes of a graph are made in double precision only.
    package func coarsePoint() -> GraphObjective? { nil }
    package var learningRates: LearningRates { problem.rates }
    package var examples: Int { problem.batch.size }
    package var outputRows: Int { architecture.outputWidth * examples }
    package var hiddenLayers: Range<Int> { architecture.hiddenNodes }
    package var hasKinks: Bool { architecture.hasKinks }
    package var activities: PerLayer<Matrix<Double>> { pass.activities }
    package var slopes: PerLayer<Matrix<Double>> { pass.slopes }
    package var feedback: PerLayer<Matrix<Double>> { pass.feedback }
    package var activityTangents: PerLayer<Matrix<Double>> { tangents.activities }
    package func activation(ofLayer n: Int) -> Activation { architecture.nodes[n].activation }
    package func metricNorm(_ direction: Parameters<Double>) -> Double { direction.norm }

    package var residual: Double {
        let deviation = problem.learningRate * gradient.norm
        return deviation == 0 ? 0 : deviation / update.norm
    }

    /// Whether a tensor has not moved at all: then the descent may be at rest for reasons of symmetry.
    package var isSymmetric: Bool { update.layers.contains { $0.norm == 0 } }

    package mutating func move(to update: Parameters<Double>) {
        self.update = update
        pass.parameters = problem.network.parameters + update
        let (architecture, kinks) = (architecture, kinks)
        pass.runForward { n, activity, rate in
            let activation = architecture.nodes[n].activation
            if let kink = activation.kink {
                kinks.activate(n, kink, activity, into: &rate)
            } else {
                activation.evaluate(activity, into: &rate)
            }
        }
        value = problem.meanLoss(pass) + problem.proximalTerm(update)
        if !value.isFinite { value = .infinity }
    }

    package mutating func differentiate() {
        for n in hiddenLayers {
            let activation = architecture.nodes[n].activation
            if let kink = activation.kink {
                kinks.bend(n, kink, pass.activities[n], slopes: &pass.slopes[n], bends: &bends[n])
            } else {
                activation.slope(pass.activities[n], into: &pass.slopes[n])
                activation.curvature(pass.activities[n], into: &bends[n])
            }
        }
        pass.runBackward(problem.loss, targets: problem.batch.targets)
        for n in hiddenLayers {
            bends[n].multiply(elementwise: pass.feedback[n])
            if architecture.nodes[n].activation.kink != nil { KinkTreatment.keepConvex(&bends[n]) }
        }
        gradient = pass.gradient()
        gradient.add(update, scaledBy: 1 / problem.learningRate)
    }

    package mutating func linearize(along direction: Parameters<Double>) {
        tangents.linearize(pass, along: direction)
    }

    /// `Σ (∂hₙ/∂w)ᵀ uₙ`.
    package func pullBack(_ seeds: PerLayer<Matrix<Double>>) -> Parameters<Double> {
        tangents.pullBack(seeds, through: pass)
    }

    package mutating func hessianProduct(_ direction: Parameters<Double>, into result: inout Parameters<Double>) {
        result = tangents.hessianProduct(
            direction, at: pass, bends: bends, problem.loss, targets: problem.batch.targets)
        result.add(direction, scaledBy: 1 / problem.learningRate)
    }

    /// Only where nothing can change: the treatment of kinks finds the rest.
    package mutating func balancesOnKinks() -> Bool { false }

    package func lowerPoint(isSuspect: Bool, solvedTo tolerance: Double) -> Parameters<Double>? {
        if let lower = pointBesideKinks(solvedTo: tolerance) { return lower }
        guard isSuspect, var curvature = GraphCurvature(self), var lowest = curvature.lowest(productLimit: 100),
            lowest.value < 0
        else { return nil }
        var length = (2 * value / -lowest.value).squareRoot()
        let before = problem.objective(after: update)
        let shortest = 1e-7 * length
        if lowest.direction.dot(gradient) > 0 { lowest.direction.scale(by: -1) }
        while length > shortest {
            for sign in [1.0, -1] {
                var target = update
                target.add(lowest.direction, scaledBy: sign * length)
                if problem.objective(after: target) < before * (1 - 1e-13) { return target }
            }
            length /= 4
        }
        return nil
    }

    /// A lower point that units reach which leave their kinks together: each is held or released by its own feedback, and those
    /// that no parameter moves apart may balance all the same where all of them fall.
    private func pointBesideKinks(solvedTo tolerance: Double) -> Parameters<Double>? {
        guard hasKinks else { return nil }
        let origin = GraphLanding(self).update
        guard let kinks = try? GraphKinks(problem, origin, problem.pass(after: origin), tolerance: tolerance),
            let direction = kinks.descent()
        else { return nil }
        var lowest: (value: Double, point: Parameters<Double>)?
        let before = problem.objective(after: origin) * (1 - 1e-13)
        var length = origin.norm / direction.norm
        let shortest = 1e-8 * length
        while length > shortest {
            var target = origin
            target.add(direction, scaledBy: length)
            let value = problem.objective(after: target)
            if value < min(before, lowest?.value ?? .infinity) { lowest = (value, target) }
            length /= 4
        }
        return lowest?.point
    }

    /// Goes to a point with the given units held and slopes known.
    mutating func hold(_ held: [KinkedUnit], at point: Parameters<Double>) {
        hold(held, fixing: held, at: point)
    }
}
