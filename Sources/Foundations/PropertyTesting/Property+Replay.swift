/// One case, made again and run.
public struct ReplayedCase: Sendable, Equatable {
    /// The token that named the case.
    public let token: ReplayToken
    /// The value in words; nil if none could be made.
    public let description: String?
    public let verdict: CaseVerdict
    /// The labels in alphabetical order.
    public let labels: [String]
    public let notes: [String]
    /// What the body measured; see ``CaseContext/measure(_:_:)``.
    public let measurements: [String: Double]
}

extension Property {
    /// Makes the case of `token` again and runs the body on it.
    ///
    /// The case is the one that ``check(_:threads:corpus:observe:)`` ran, to the last bit, as long as the generator
    /// is the same.
    public func replay(_ token: ReplayToken) -> ReplayedCase {
        let run = run(token, describing: true)
        return ReplayedCase(
            token: token, description: run.description, verdict: run.verdict, labels: run.labels.sorted(),
            notes: run.notes, measurements: run.measurements)
    }

    /// The one place where a case is made and judged: fresh cases, replayed tokens and shrinking all come here.
    func run(_ token: ReplayToken, describing: Bool = false) -> CaseRun {
        var source = ChoiceSource(token)
        var context = CaseContext(size: source.size)
        var text: String?
        let verdict: CaseVerdict
        do {
            let value = try source.draw(generator)
            if describing { text = describe(value) }
            verdict = CaseVerdict(margin: try body(value, &context))
        } catch let discard as Discard {
            verdict = .discarded(reason: discard.reason)
        } catch {
            verdict = .threw(type: String(reflecting: type(of: error)), message: String(describing: error))
        }
        return CaseRun(
            verdict: verdict, labels: context.labels, notes: context.notes,
            measurements: context.measurements, recording: source.recording, description: text)
    }
}

/// A case that was run, with all that is known of it.
struct CaseRun {
    let verdict: CaseVerdict
    let labels: Set<String>
    let notes: [String]
    let measurements: [String: Double]
    let recording: Recording
    let description: String?
}
