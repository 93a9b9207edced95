/// The constants of `WeightSpaceDescent` and where each comes from.
enum WeightSpaceParameters {
    // MARK: The trust region

    /// A step is taken if the objective falls by a tenth of what the model predicts.
    static let sufficientQuality = 0.1
    /// Below a quarter the model was wrong at this length: the region becomes half of the step, or a quarter if it was
    /// refused.
    static let poorQuality = 0.25
    /// Above three quarters it was right, and a step that the region shortened lets it grow, by `growth`.
    static let goodQuality = 0.75
    static let growth = 3.0
    /// Among kinks it grows faster: a region that was made small by kinks, which the step has passed, says nothing of
    /// the next.
    static let growthAmongKinks = 10.0
    /// The shortest part of a refused step that is tried, after five halvings. A step that must be shorter was wrong in
    /// its direction too.
    static let shortestPart = 1.0 / 32
    /// Each refusal divides the region by four: after forty it is `4⁻⁴⁰ ≈ 10⁻²⁴` of the first, where a step no longer
    /// moves a double of its size.
    static let rejectionLimit = 40
    /// A decrease below this part of the objective has lost most of its digits: values are known to some hundred
    /// rounding units, `10⁻¹⁴`, and a ratio of decreases needs four more digits. The gradient decides instead.
    static let visibleDecrease = 1e-10
    /// Where the gradient decides, a step must take a tenth of it away.
    static let gradientDecrease = 0.9
    /// How accurately a step solves Newton's equations far from the solution. Nearer it is the square root of the
    /// residual, so that convergence is superlinear, and never more accurate than a tenth of what is missing.
    static let loosestAccuracy = 0.1
    /// The same where activations have kinks: there the model itself is wrong by more, from the units that the step makes
    /// cross, and half of the products would be spent on digits that the crossing takes away.
    static let loosestAccuracyAmongKinks = 0.3

    // MARK: The method of multipliers

    /// The first width of a smoothed kink, in units of what an explicit step changes: so that units within reach of
    /// the step feel their kink, and no more than a third of the way is smoothed at once.
    static let firstWidth = 0.3
    /// Widths and bounds shrink by this factor from round to round. Multipliers converge linearly, with a factor of the
    /// width. A narrower width makes kinks steeper, and units cross them that the last round had told apart: with 0.3 the
    /// second round needs more steps than two of 0.5 do.
    static let widthFactor = 0.5
    /// A width is never below this part of the activities, where it would round to nothing.
    static let leastWidth = 1e-12
    /// The first round is solved to two digits, later ones to more, but not beyond six: the set of balanced units
    /// settles long before, and `polish` does the rest.
    static let firstBound = 1e-2
    static let lastBound = 1e-6
    /// Widths shrink from 0.3 to the least one in `log(10¹²)/log 2 ≈ 40` rounds; twice that many repeat
    /// themselves.
    static let roundLimit = 80
    /// The set of balanced units has settled if no more than this part of it, and one unit, changed. A try that comes too
    /// early costs more than a round. In any case it is tried in one round of four.
    static let settledPart = 0.05
    static let roundsBetweenTries = 4

    // MARK: Newton's method on weights and slopes (`polish`)

    /// It ends after so many steps that did not halve the residual: units are released and held one layer after
    /// another, which can raise it a few times in a row.
    static let failureLimit = 6
    static let progress = 0.5
    /// Its linear systems are solved to a thousandth of the residual, at most to a twentieth of the tolerance.
    static let polishAccuracy = 1e-3
    static let finestPolish = 0.05
    /// An activity below this part of its layer's is zero up to rounding: a forward pass through layers of some hundred
    /// units errs by some hundred half-units in the last place, `10⁻¹⁴`, and the next correction is as good.
    static let negligibleActivity = 1e-13
}
