internal import Documents
internal import LearningRules

extension ApproximationTables {
    /// The rows of a table of `measure` as curves against the learning rate, with the slopes that theory predicts.
    func chart(_ measure: Measure, of rows: [[Cell]]) -> Chart {
        let cases = Set(outcomes.map(\.caseIndex)).count
        let curves = zip(study.rows, rows).map { row, cells in
            LineChart.Series(
                row.label,
                zip(study.learningRates, cells.dropFirst()).compactMap { LineChart.Point(x: $0, $1) }
                    .sorted { $0.x < $1.x },
                style: RuleEntry.named(row.label)?.chartStyle)
        }
        return Chart(
            title: measure.title,
            subtitle: conditions + (cases == 1 ? "; one case" : "; median and quartiles of \(cases) cases"),
            content: .lines(
                LineChart(
                    x: Axis("learning rate α", .logarithmic), y: measure.axis, series: curves,
                    orders: study.rows.compactMap { row in
                        RuleEntry.named(row.label).flatMap(measure.predictedOrder)
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
        case .explicitDistance: Axis("relative distance to explicit SGD ‖Δ + α∇L‖/‖α∇L‖", .logarithmic)
        }
    }

    /// The slope that theory predicts for small α on two logarithmic axes; `nil` where it predicts none.
    ///
    /// A rule's deviation δ from the implicit update is of the order that its entry names, and the implicit update
    /// itself of first order. So the distance relative to ‖Δ_imp‖ = Θ(α) is one order lower than δ. The implicit
    /// residual is the same deviation seen through I + αH. The proximal gap is ½δᵀ(H + I/α)δ over a decrease of
    /// α‖g‖²/2, the square of the relative distance to leading order.
    func predictedOrder(_ rule: RuleEntry) -> LineChart.PredictedOrder? {
        guard let deviation = rule.deviation else { return nil }
        let order: Int
        switch self {
        case .relativeDistance, .implicitResidual: order = deviation.order - 1
        case .proximalGap: order = 2 * (deviation.order - 1)
        case .cosine, .normRatio, .activityDistance, .activityCosine, .explicitDistance: return nil
        }
        return .init(series: rule.name, order: Double(order), source: deviation.theorem)
    }
}
