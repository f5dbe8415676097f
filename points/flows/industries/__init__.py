"""Industry templates: what a new shop starts with. How to add one: docs/how-to.

| template  | an order of 100.00 earns | give-back | points live until     | pay at most  |
|-----------|--------------------------|-----------|-----------------------|--------------|
| blank     | 100                      | 1 %       | 12 months later       | 50 % of it   |
| retail    | 100                      | 1 %       | 12 months later       | 30 %         |
| food      | 300                      | 3 %       | 6 months later        | 50 %         |
| beauty    | 200                      | 2 %       | 24 months later       | 20 %         |
| education | 150                      | 1.5 %     | 31 August next year   | 10 %         |

Each but blank has tiers, by growth of the last twelve months, one growth for each unit of money;
what reaches them in China is 1,000, 5,000 and 20,000 yuan (retail), 500, 2,000 and 6,000 (food),
3,000, 10,000 and 30,000 (beauty), 5,000 and 20,000 (education). Their members earn up to half as
much again and are promised nothing else: the rest is for the merchant to decide.

Each but blank also has three tasks: a welcome gift, a completed profile (both once), a review (three
times a month). In yuan they are worth 1, 0.50 and 0.50 (retail), 2, 1 and 1 (food), 5, 2 and 2
(beauty, education): less than a first purchase brings in. All are claimed by the member.

Everywhere 100 points are worth one major unit of money, so that prices and balances can be read in
any of the shops. What differs is how much of a sale comes back: little where margins are thin
(retail), more where they are wide and guests come often (food). A treatment is months from the
next one, so its points live two years; those of a school end with the school year.
"""

from points.flows.industries.beauty import BEAUTY
from points.flows.industries.education import EDUCATION
from points.flows.industries.food import FOOD
from points.flows.industries.retail import RETAIL
from points.flows.industries.shape import BLANK, IndustryTemplate

TEMPLATES: dict[str, IndustryTemplate] = {
    "blank": BLANK,
    "retail": RETAIL,
    "food": FOOD,
    "beauty": BEAUTY,
    "education": EDUCATION,
}
