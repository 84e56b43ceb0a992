/// Options that belong together by order: a leading option opens a group, the others fill it.
struct OptionGroups {
    /// One group: the leading value and what followed it.
    struct Group {
        let lead: String
        var values: [String: String] = [:]
    }

    private(set) var groups: [Group] = []

    /// Sorts values into groups.
    ///
    /// - Parameters:
    ///   - lead: the name of the option that opens a group.
    ///   - leads: its values.
    ///   - followers: the other options by name, with their values.
    init(
        lead: String, _ leads: [OrderedValue], followers: [String: [OrderedValue]],
        problems: inout ArgumentProblems
    ) {
        var all = leads.map { (option: lead, value: $0) }
        for (option, values) in followers { all += values.map { (option, $0) } }
        for (option, value) in all.sorted(by: { $0.value.place < $1.value.place }) {
            if option == lead {
                groups.append(Group(lead: value.text))
            } else if groups.isEmpty {
                problems.add(option, value.text, "must follow the \(lead) that it belongs to")
            } else if groups[groups.count - 1].values[option] != nil {
                problems.add(option, value.text, "is given twice for one \(lead)")
            } else {
                groups[groups.count - 1].values[option] = value.text
            }
        }
    }
}
