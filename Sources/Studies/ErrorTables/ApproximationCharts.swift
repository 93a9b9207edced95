internal import Documents
public import LearningRules

extension ApproximationTables {
    /// The rows of a table of `measure` as curves against the learning rate, with the slopes that theory predicts.
    func chart(_ measure: Measure, of rows: [[Cell]]) -> Chart {
        let cases = Set(outcomes.map(\.caseIndex)).count
        let curves = zip(study.rows, rows).map { row, cells in
            LineChart.Series(
                row.label,
                zip(study.learningRates, cells.dropFirst()).compactMap { LineChart.Point(x: $0, $1) }
                    .sorted { $0.x < $1.x },
                style: RuleName(rawValue: row.label)?.chartStyle)
        }
        return Chart(
            title: measure.title, subtitle: "\(conditions); median and quartiles of \(cases) cases",
            content: .lines(
                LineChart(
                    x: Axis("learning rate α", .logarithmic), y: measure.axis, series: curves,
                    orders: study.rows.compactMap { row in
                        RuleName(rawValue: row.label).flatMap(measure.predictedOrder)
                    })))
    }
}

extension Measure {
    /// The axis of a chart.
    var axis: Axis {
        switch self {
        case .relativeDistance: Axis("relative distance ‖Δ − Δ_imp‖/‖Δ_imp‖", .logarithmic)
        case .cosine: Axis("cosine of Δ and Δ_imp", .linear)
        case .normRatio: Axis("norm ratio ‖Δ‖/‖Δ_imp‖", .logarithmic)
        case .proximalGap: Axis("proximal gap", .logarithmic)
        case .implicitResidual: Axis("implicit residual ‖Δ + α∇L(θ_b+Δ)‖/‖Δ‖", .logarithmic)
        case .activityDistance: Axis("activity distance", .logarithmic)
        case .activityCosine: Axis("cosine of inferred and reached change", .linear)
        }
    }

    /// The slope that theory predicts for small α on two logarithmic axes; `nil` where it predicts none.
    ///
    /// The deviation of BP from the implicit update is α²Hg + O(α³) for smooth L (T6), and that of IL-prox at its
    /// equilibrium is of second order too (T9), while both updates are of first order. So the distance
    /// relative to ‖Δ_imp‖ = Θ(α) goes as α¹. The implicit residual is the same deviation seen through
    /// I + αH. The proximal gap is ½δᵀ(H + I/α)δ of the deviation δ over a decrease of α‖g‖²/2, the square
    /// of the relative distance to leading order, so it goes as α².
    func predictedOrder(_ rule: RuleName) -> LineChart.PredictedOrder? {
        let source: String
        switch rule {
        case .backpropagation: source = "T6"
        case .proximalInferenceLearningEquilibrium: source = "T9"
        default: return nil
        }
        switch self {
        case .relativeDistance, .implicitResidual:
            return .init(series: rule.rawValue, order: 1, source: source)
        case .proximalGap: return .init(series: rule.rawValue, order: 2, source: source)
        case .cosine, .normRatio, .activityDistance, .activityCosine: return nil
        }
    }
}

extension RuleName {
    /// The look of a rule in every chart: those that are compared have colours of their own.
    public var chartStyle: Int {
        switch self {
        case .backpropagation: 0
        case .normalizedBackpropagation: 1
        case .inferenceLearning: 2
        case .proximalInferenceLearning: 3
        case .proximalInferenceLearningFast: 4
        case .inferenceLearningEquilibrium: 5
        case .proximalInferenceLearningEquilibrium: 6
        case .exactInferenceLearning: 7
        case .exactInferenceLearningEuler: 15
        case .implicit: 8
        }
    }
}
