/// The words of one line of progress.
package struct ProgressLine {
    let label: String
    let completed: Int
    /// `nil` if nobody knows.
    let total: Int?
    let elapsed: Duration

    /// `exact updates: 30 of 120 (25 %), 7.50/s, 12 s left`
    var underway: String {
        var parts = [count]
        let rate = Double(completed) / seconds
        if completed > 0, seconds > 0 {
            parts.append(NumberFormat.significant(3).string(rate) + "/s")
            if let total, total >= completed {
                parts.append(Self.clockTime(Double(total - completed) / rate) + " left")
            }
        }
        return "\(label): " + parts.joined(separator: ", ")
    }

    /// `exact updates: 120 of 120 (100 %) in 16 s`
    var finished: String { "\(label): \(count) in \(Self.clockTime(seconds))" }

    private var count: String {
        guard let total, total > 0 else { return String(completed) }
        // Rounded down: 100 % means that nothing is left.
        let percent = Int((Double(completed) / Double(total) * 100).rounded(.down))
        return "\(completed) of \(total) (\(percent) %)"
    }

    private var seconds: Double { elapsed / .seconds(1) }

    /// A time rounded up to seconds, in at most two units: `12 s`, `2 min 5 s`, `3 h 40 min`.
    package static func clockTime(_ seconds: Double) -> String {
        guard seconds < 360_000 else { return "over 100 h" }
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
