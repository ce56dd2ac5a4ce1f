// US dollars as each locale of the checkout page writes them.

import Pages

extension Route.Locale {
    /// The amount (micro-USDC) as money: `$1,234.50`, `1234,50 US$`, `$1.234,50`.
    func money(_ micros: Int64) -> String { language.money(micros) }

    private var language: PageLanguage {
        switch self {
        case .en: .english
        case .es: .spanish
        case .tr: .turkish
        }
    }
}
