internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// Units on kinks in groups that no change of the parameters moves apart, and how the objective changes when a group leaves.
///
/// Two units of a node whose activities have parallel derivatives by the parameters, `gⱼ = λⱼg`, pass their kinks together to
/// first order: `ḣⱼ = λⱼḣ`. A convolution has many, wherever the same patch stands at several places or in several examples. With
/// slopes `s` for which the implicit equation holds, `B·P_α` changes by `ḣ·Σⱼ|λⱼ|cⱼ(r − sⱼ)` where the group leaves upwards, with
/// `(sⱼ − l)` in place of `(r − sⱼ)` for the units whose `λⱼ` is negative, and the other way round downwards. Only these sums must
/// not be negative: that of one unit may be.
struct LinkedKinks {
    /// A group, its first unit being the one with `λ = 1`.
    struct Group {
        /// Places in the list of units, and `λⱼ`.
        fileprivate(set) var members: [(unit: Int, factor: Double)]
    }

    /// Where a group goes, by the sign of its first unit's activity.
    enum Side: CaseIterable {
        case upwards, downwards
    }

    private(set) var groups: [Group] = []
    private let units: [KinkedUnit]
    private let kinks: [Kink]

    /// `1 − cos²` of the angle between rows that count as parallel: what rounding leaves of 0 in a matrix of products.
    private static let parallel = 1e-13

    /// - Parameters:
    ///   - kinks: of each unit.
    ///   - gram: the products of the derivatives of the units' activities.
    init(_ units: [KinkedUnit], _ kinks: [Kink], gram: Matrix<Double>) {
        (self.units, self.kinks) = (units, kinks)
        for k in units.indices {
            let place = groups.firstIndex { group in
                let first = group.members[0].unit
                let (size, product) = (gram[k, k] * gram[first, first], gram[k, first])
                return units[first].layer == units[k].layer && size > 0
                    && product * product >= (1 - Self.parallel) * size
            }
            if let place {
                let first = groups[place].members[0].unit
                groups[place].members.append((k, gram[k, first] / gram[first, first]))
            } else {
                groups.append(Group(members: [(k, 1)]))
            }
        }
    }

    /// The first unit of each group.
    var leaders: [Int] { groups.map { $0.members[0].unit } }

    /// `Σⱼ|λⱼ|cⱼ(r − sⱼ)` of the group on a side, as above.
    func rise(_ group: Group, _ side: Side, feedback: [Double]) -> Double {
        group.members.reduce(0) { sum, member in
            let (unit, kink) = (units[member.unit], kinks[member.unit])
            let room = isRight(member.factor, side) ? kink.rightSlope - unit.slope : unit.slope - kink.leftSlope
            return sum + abs(member.factor) * feedback[member.unit] * room
        }
    }

    /// The same sum of magnitudes, with the distance of the one-sided slopes for every unit.
    func magnitude(_ group: Group, _ values: [Double]) -> Double {
        group.members.reduce(0) { sum, member in
            let kink = kinks[member.unit]
            return sum + abs(member.factor * values[member.unit]) * (kink.rightSlope - kink.leftSlope)
        }
    }

    /// The units of the group with the slopes that they have on a side.
    func units(of group: Group, on side: Side) -> [KinkedUnit] {
        group.members.map { member in
            var unit = units[member.unit]
            unit.slope = isRight(member.factor, side) ? kinks[member.unit].rightSlope : kinks[member.unit].leftSlope
            return unit
        }
    }

    private func isRight(_ factor: Double, _ side: Side) -> Bool { (factor > 0) == (side == .upwards) }
}
