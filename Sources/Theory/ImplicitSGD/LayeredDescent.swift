package import LinearAlgebra
package import Networks

/// A descent of a layered energy by Newton's method, to a stationary point that is a minimum.
///
/// This file is the loop and the choice of the shift; `LayeredDescent+Search` moves along a direction and past
/// kinks, `LayeredDescent+Saddles` judges and leaves the stationary points found. Constants are `DescentParameters`.
package struct LayeredDescent<Energy: LayeredEnergy> {
    package internal(set) var energy: Energy
    /// Displacements from the feedforward pass, and the energy there.
    package internal(set) var point: PerLayer<Matrix<Double>>
    package internal(set) var value: Double
    // What follows from the point.
    package internal(set) var kinks: KinkState
    var gradient: PerLayer<Matrix<Double>>
    package internal(set) var residual = Double.infinity

    var newton: NewtonSystem<Energy>
    var trial: SearchBuffers
    package private(set) var iterations = 0
    /// `λ`, in units of the proximal metric.
    private var shift = 0.0
    let tolerance: Double
    private let iterationLimit: Int

    /// Begins at `start` if the energy exists there, else (or without it) at the feedforward pass.
    ///
    /// - Parameter tolerance: the bound on the energy's own `residual`.
    package init(
        _ energy: consuming Energy, start: PerLayer<Matrix<Double>>?, tolerance: Double, iterationLimit: Int
    ) {
        self.energy = energy
        self.tolerance = tolerance
        self.iterationLimit = iterationLimit
        point = start ?? self.energy.origin
        value = self.energy.evaluate(at: point)
        if !value.isFinite {
            point = self.energy.origin
            value = self.energy.evaluate(at: point)
        }
        self.energy.differentiate()
        kinks = KinkState(self.energy)
        gradient = point
        trial = SearchBuffers(point)
        newton = NewtonSystem(self.energy)
        refresh()
    }

    package var factorizations: Int { newton.factorizations }

    /// Iterates until the residual is met, or nothing more can be done.
    package mutating func run() -> SolveOutcome {
        while residual > tolerance {
            if iterations >= iterationLimit { return .iterationLimit }
            newton.assemble(energy, kinks)
            // A solver's tolerance is a quarter of what its certificate asks for.
            guard step() else { return residual <= 4 * tolerance ? .converged : .stalled }
            iterations += 1
        }
        return .converged
    }

    /// Everything that follows from `point` and its evaluation.
    mutating func refresh() {
        energy.differentiate()
        kinks.update(energy)
        energy.gradient(slopes: kinks.slopes, into: &gradient)
        kinks.restrict(&gradient)
        residual = energy.residual(gradient: gradient, slopes: kinks.slopes)
    }

    /// One accepted step; false if there is none.
    private mutating func step() -> Bool {
        var failures = 0
        while shift < DescentParameters.largestShift {
            guard newton.factorize(energy, kinks, shiftedBy: shift) else {
                failures += 1
                shift = max(DescentParameters.firstShift, DescentParameters.shiftGrowth * shift)
                continue
            }
            for n in trial.direction.indices { trial.direction[n].assign(gradient[n], scaledBy: -1) }
            newton.solve(&trial.direction)
            kinks.restrict(&trial.direction)
            if let length = search() {
                adaptShift(to: length, failures: failures)
                return true
            }
            shift = max(DescentParameters.smallestShift, DescentParameters.shiftGrowth * shift)
        }
        shift = 0
        return false
    }

    private mutating func adaptShift(to length: Double, failures: Int) {
        if length >= DescentParameters.longStep {
            // A shift that was needed just now is likely to be needed again.
            shift = shift <= 2 * DescentParameters.smallestShift
                ? 0 : shift / (failures > 0 ? 2 : DescentParameters.shiftGrowth)
        } else if length < DescentParameters.shortStep {
            shift = max(DescentParameters.smallestShift, DescentParameters.shiftGrowth / 2 * shift)
        }
    }
}
