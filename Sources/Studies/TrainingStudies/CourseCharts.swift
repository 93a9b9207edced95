package import Documents
internal import LearningRules
package import Statistics
package import Training

/// Curves over the iterations of training, one for each rule and learning rate: in one chart where each rule has one,
/// else in one for each learning rate, so that a rule has its own look in every chart.
package struct CourseCharts {
    let title: String
    let subtitle: String
    let yAxis: Axis
    let band: LineChart.Band
    private var curves: [(rule: TrainingRule, rate: Double, points: [LineChart.Point])] = []

    package init(title: String, subtitle: String, yAxis: Axis, band: LineChart.Band = .quartiles) {
        self.band = band
        self.title = title
        self.subtitle = subtitle
        self.yAxis = yAxis
    }

    /// Adds a curve; one without points, of runs that are not there yet, is left out.
    package mutating func add(_ rule: TrainingRule, _ rate: Double, _ points: [LineChart.Point]) {
        if !points.isEmpty { curves.append((rule, rate, points)) }
    }

    package var charts: [Chart] {
        if curves.isEmpty { return [] }
        if Set(curves.map(\.rule)).count == curves.count {
            return [
                chart(title, curves.map { rule, rate, points in
                    LineChart.Series(
                        "\(rule.name), α = \(NumberFormat.setting.string(rate))", points, style: rule.chartStyle)
                })
            ]
        }
        var rates: [Double] = []
        for curve in curves where !rates.contains(curve.rate) { rates.append(curve.rate) }
        return rates.map { rate in
            chart(
                "\(title), α = \(NumberFormat.setting.string(rate))",
                curves.filter { $0.rate == rate }.map {
                    LineChart.Series($0.rule.name, $0.points, style: $0.rule.chartStyle)
                })
        }
    }

    private func chart(_ title: String, _ series: [LineChart.Series]) -> Chart {
        Chart(
            title: title, subtitle: subtitle,
            content: .lines(LineChart(x: Axis("iteration", .linear), y: yAxis, series: series, band: band)))
    }
}

extension LineChart.Point {
    /// The mean of a sample, one standard deviation to both sides; `nil` without values.
    package init?(x: Double, _ sample: SeedSample) {
        guard !sample.values.isEmpty else { return nil }
        let deviation = sample.values.count > 1 ? sample.standardDeviation : nil
        self.init(
            x: x, y: sample.mean, lower: deviation.map { sample.mean - $0 },
            upper: deviation.map { sample.mean + $0 })
    }
}

extension TrainingGrid {
    /// What all runs share and what `band` is, for the subtitle of a chart; with one seed there is no band.
    func conditions(_ what: String, over band: String) -> String {
        let constants = base.constants.inWords.map { ", \($0)" } ?? ""
        return "\(network), \(dataSetName), mini-batch \(base.batchSize), \(base.iterations) iterations\(constants); "
            + (seeds.count > 1 ? "\(band) over \(seeds.count) seeds" : "\(what) of one seed")
    }
}
