import Foundation
internal import Documents

/// The ends and the ticks of an axis.
struct AxisLayout: Equatable {
    struct Tick: Equatable {
        let value: Double
        let label: String
    }

    let low: Double
    let high: Double
    let ticks: [Tick]
    /// Ticks without labels.
    let minorTicks: [Double]

    /// An axis that shows all of `values` that it can.
    ///
    /// The ends are a little beyond the outermost values, or those that the axis asks for. Ticks are at
    /// powers of ten, or at 1, 2 and 5 times powers where there would be fewer than three; at equal distances
    /// where there would still be fewer than two.
    init(_ axis: Axis, values: some Sequence<Double>) {
        let shown = values.filter(axis.scale.shows)
        var low = shown.min() ?? (axis.scale == .linear ? 0 : 0.1)
        var high = shown.max() ?? (axis.scale == .linear ? 1 : 10)
        switch axis.scale {
        case .linear:
            if low == high { (low, high) = low == 0 ? (-1, 1) : (low - abs(low) / 2, high + abs(high) / 2) }
            let margin = 0.04 * (high - low)
            (low, high) = (low - margin, high + margin)
        case .logarithmic:
            if low == high { (low, high) = (low / 3, high * 3) }
            let margin = pow(high / low, 0.04)
            (low, high) = (max(low / margin, .leastNormalMagnitude), min(high * margin, .greatestFiniteMagnitude))
        }
        if let asked = axis.range, asked.lowerBound < asked.upperBound,
            axis.scale.shows(asked.lowerBound), axis.scale.shows(asked.upperBound)
        {
            (low, high) = (asked.lowerBound, asked.upperBound)
        }
        self.low = low
        self.high = high
        switch axis.scale {
        case .linear: (ticks, minorTicks) = Self.linearTicks(low, high)
        case .logarithmic: (ticks, minorTicks) = Self.logarithmicTicks(low, high)
        }
    }

    private static func linearTicks(_ low: Double, _ high: Double) -> ([Tick], [Double]) {
        let rough = (high - low) / 5
        guard rough.isFinite, rough > 0 else { return ([], []) }
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
        let first = Int((low / step - 1e-9).rounded(.up))
        let last = Int((high / step + 1e-9).rounded(.down))
        guard first <= last else { return ([], []) }
        return ((first...last).map { Tick(value: Double($0) * step, label: label(Double($0) * step)) }, [])
    }

    private static func logarithmicTicks(_ low: Double, _ high: Double) -> ([Tick], [Double]) {
        let first = Int((log10(low) - 1e-9).rounded(.up))
        let last = Int((log10(high) + 1e-9).rounded(.down))
        let powers = first <= last ? Array(first...last) : []
        let within = { (value: Double) in value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) }
        func multiples(_ factors: [Double]) -> [Double] {
            guard first - 1 <= last + 1 else { return [] }
            return ((first - 1)...(last + 1)).flatMap { exponent in
                factors.map { power($0, exponent) }
            }.filter(within)
        }
        if powers.count < 3 {
            let values = multiples([1, 2, 5])
            // A short stretch between two of these, where the scale is nearly linear.
            if values.count < 2 { return linearTicks(low, high) }
            return (values.map { Tick(value: $0, label: label($0)) }, [])
        }
        let stride = (powers.count + 8) / 9
        let labelled = powers.filter { $0 % stride == 0 }
        let isPlain = labelled.allSatisfy { (-3...3).contains($0) }
        let ticks = labelled.map {
            Tick(value: power(1, $0), label: isPlain ? label(power(1, $0)) : "10" + superscript($0))
        }
        let minor =
            stride > 1
            ? powers.filter { $0 % stride != 0 }.map { power(1, $0) }
            : powers.count <= 6 ? multiples([2, 3, 4, 5, 6, 7, 8, 9]) : []
        return (ticks, minor)
    }

    /// `factor` · 10^`exponent`, the double nearest to its decimal form.
    private static func power(_ factor: Double, _ exponent: Int) -> Double {
        Double("\(Int(factor))e\(exponent)") ?? factor * pow(10, Double(exponent))
    }

    static func label(_ value: Double) -> String {
        let text = NumberFormat.setting.string(abs(value) < 1e-300 ? 0 : value)
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...])
        else { return text.replacing("-", with: "−") }
        return text[..<mark].replacing("-", with: "−") + "·10" + superscript(exponent)
    }

    static func superscript(_ number: Int) -> String {
        let digits: [Character: Character] = [
            "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
            "8": "⁸", "9": "⁹",
        ]
        return String(String(number).map { digits[$0] ?? $0 })
    }
}
