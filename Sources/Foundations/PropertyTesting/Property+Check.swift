extension Property {
    /// Checks the property: first the stored failures of the corpus, then fresh cases from index 0 on until enough
    /// have been run, one has failed, or too many were discarded.
    ///
    /// The report is the same for any number of threads: the failing case is the one of least index, and nothing
    /// behind it counts. On more than one thread the body runs concurrently with itself, outside the caller's task.
    ///
    /// - Parameters:
    ///   - threads: How many threads run cases. Shrinking and stored failures use one.
    ///   - corpus: Where failures are stored; a corpus that records also takes up a new counterexample.
    ///   - observe: Called for each drawn case up to the one that ends the run, discarded ones too, in order of index
    ///     and on the calling thread.
    ///   - settings: How many cases, of which sizes, from which seed.
    public func check(
        _ settings: CheckSettings = CheckSettings(), threads: Int = 1, corpus: Corpus? = nil,
        observe: (CaseRecord) -> Void = { _ in }
    ) -> PropertyReport {
        var tally = RunTally(settings: settings)
        var corpusReport = corpus.map { replayStored(in: $0, into: &tally) }
        if tally.firstFailure == nil || settings.failurePolicy == .countAll {
            drawCases(settings, threads: threads, into: &tally, observe: observe)
        }

        let outcome: PropertyOutcome
        if let failure = tally.firstFailure {
            let counterexample = shrunk(failure, limit: settings.shrinkLimit)
            if let corpus, counterexample.isReproducible, counterexample.origin != .corpus,
                let problem = corpus.record(counterexample.token, for: name)
            {
                corpusReport?.problems.append(problem)
            }
            outcome = .failed(counterexample)
        } else {
            outcome = settings.cases > 0 && tally.cases == settings.cases ? .passed : .exhausted
        }
        return PropertyReport(
            name: name, seed: settings.seed, outcome: outcome, cases: tally.cases, failures: tally.failures,
            discards: tally.discards, discardReasons: tally.discardReasons, labels: tally.labels,
            worst: tally.worst.map { worst in
                let text = run(worst.token, describing: true).description
                return WorstCase(margin: worst.margin, token: worst.token, description: text ?? "no value")
            },
            corpus: corpusReport)
    }

    private func replayStored(in corpus: Corpus, into tally: inout RunTally) -> CorpusReport {
        let stored = corpus.contents(for: name)
        var report = CorpusReport(problems: stored.problems)
        for token in stored.tokens {
            let run = run(token)
            report.replayed += 1
            if case .discarded = run.verdict { report.discarded += 1 }
            tally.judge(run.verdict, token: token, origin: .corpus)
            if run.verdict.isFailure { break }
        }
        return report
    }

    private func drawCases(
        _ settings: CheckSettings, threads: Int, into tally: inout RunTally, observe: (CaseRecord) -> Void
    ) {
        var next = 0
        // More threads than this gain nothing anywhere, and a bound keeps the size of a batch from overflowing.
        let threads = threads.clamped(to: 1...1024)
        while !tally.isComplete {
            // Never more than are still needed, so without discards and failures nothing is run in vain. The cut
            // into batches shows nowhere in the report.
            let needed = settings.cases - tally.cases
            let batch = next..<(next + min(needed, threads * 16))
            let stopsAtFailure = settings.failurePolicy == .stop
            let results = resultsInOrder(
                of: batch, threads: threads,
                isLast: { (result: DrawnCase) in stopsAtFailure && result.verdict.isFailure },
                { index in
                    let run = run(settings.token(ofCase: index))
                    return DrawnCase(
                        verdict: run.verdict, labels: run.labels, measurements: run.measurements)
                })
            for result in results where !tally.isComplete {
                let token = settings.token(ofCase: next)
                tally.count(result, index: next, token: token)
                observe(
                    CaseRecord(
                        index: next, token: token, verdict: result.verdict, labels: result.labels.sorted(),
                        measurements: result.measurements))
                next += 1
            }
        }
    }

    /// The smallest case that fails in the same way, with all that the report says about it.
    private func shrunk(_ failure: FoundFailure, limit: Int) -> Counterexample {
        let found = run(failure.token, describing: true)
        let size = ChoiceSource(failure.token).size
        let isReproducible = found.verdict.isSameFailure(as: failure.verdict)
        guard isReproducible else {
            return Counterexample(
                description: found.description ?? "no value", verdict: failure.verdict, notes: found.notes,
                token: failure.token, origin: failure.origin, originalToken: failure.token,
                originalVerdict: failure.verdict, shrinkSteps: 0, shrinkReplays: 0, isFullyShrunk: false,
                isReproducible: false)
        }
        var shrinker = Shrinker(start: found.recording, limit: limit) { choices in
            let trial = run(.choices(choices, size: size))
            // A discarded trial does not fail, but says how many choices its shape takes.
            return Shrinker.Trial(
                recording: trial.recording, fails: trial.verdict.isSameFailure(as: failure.verdict))
        }
        let isFullyShrunk = shrinker.run()
        let token = ReplayToken(recorded: shrinker.best.choices, size: size)
        let smallest = run(token, describing: true)
        return Counterexample(
            description: smallest.description ?? "no value", verdict: smallest.verdict, notes: smallest.notes,
            token: token, origin: failure.origin, originalToken: failure.token, originalVerdict: failure.verdict,
            shrinkSteps: shrinker.steps, shrinkReplays: shrinker.replays, isFullyShrunk: isFullyShrunk,
            isReproducible: smallest.verdict.isSameFailure(as: failure.verdict))
    }
}
