/// The constants of `LayeredDescent` and where each comes from.
enum DescentParameters {
    // MARK: The shift λ of the Newton matrix, in units of the proximal metric

    /// The first shift where the Hessian is not positive definite: a tenth of the proximal term's own curvature.
    static let firstShift = 0.1
    /// A shift below this changes a step by no more than 1 %, so it is dropped.
    static let smallestShift = 0.01
    /// Shifts grow by this factor: two tries to a decade and a half.
    static let shiftGrowth = 8.0
    /// A step of the shifted metric alone is `1/λ` of the point's distance: below `ε/2` it moves nothing.
    static let largestShift = 2 / Double.ulpOfOne
    /// A search that takes at least half of the step lets the shift fall.
    static let longStep = 0.5
    /// A search that takes less than a tenth of it raises the shift: the direction is better bent than shortened.
    static let shortStep = 0.1

    // MARK: The search along a direction

    /// The part of the predicted decrease that a step must bring (Armijo's condition; the usual 10⁻⁴).
    static let sufficientDecrease = 1e-4
    /// Halvings stop at about 2⁻¹³: from there a larger shift is the cheaper way to a short step.
    static let shortestLength = 1e-4
    /// What rounding leaves uncertain in the energy, relative to it: its terms are sums of as many as
    /// some thousand squares, whose errors add up like a random walk, `√1000 ≈ 32` half-units each way.
    static let energyNoise = 64 * Double.ulpOfOne
    /// A predicted decrease of fewer than this many units of noise has lost its leading digits, so the residual decides.
    static let visibleDecrease = 1e4
    /// Where the residual decides, a step must take a tenth of it away.
    static let residualDecrease = 0.9

    // MARK: Saddle points

    /// How many saddle points a descent leaves. Each lowers the energy, so this only bounds the time; a network that
    /// starts from zeros may free its hidden units one by one.
    static let escapeLimit = 32
    /// The first shift that is tried to make the Hessian definite at a saddle point. Inverse iteration converges
    /// the faster the less it exceeds the negative curvature.
    static let firstCurvatureShift = 1e-3
    /// Lengths along a direction of negative curvature shrink by this factor.
    static let escapeShrink = 4.0
}
