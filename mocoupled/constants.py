"""Physical constants, SI. Each value names its source."""

GAS_CONSTANT = 8.314462618  # J/mol/K, CODATA 2018 (exact)
AVOGADRO_CONSTANT = 6.02214076e23  # 1/mol, CODATA 2018 (exact)
BOLTZMANN_CONSTANT = 1.380649e-23  # J/K, CODATA 2018 (exact)
PLANCK_CONSTANT = 6.62607015e-34  # J s, CODATA 2018 (exact)
LIGHT_SPEED = 299792458.0  # m/s (exact)
STEFAN_BOLTZMANN_CONSTANT = 5.670367e-8  # W/m2/K4, CODATA 2014, as in Bower et al. 2022
GRAVITATIONAL_CONSTANT = 6.67430e-11  # m3/kg/s2, CODATA 2018

BAR = 1.0e5  # Pa
ATMOSPHERE = 101325.0  # Pa
YEAR = 365.25 * 86400.0  # s, Julian year

ATOMIC_MASS_CARBON = 12.011e-3  # kg/mol, IUPAC 2021
OCEAN_HYDROGEN = 1.55e20  # kg of H in one Earth ocean (7.68894973907177e22 mol of H2), Olson & Sharp 2018
EARTH_RADIUS = 6.3781e6  # m, nominal equatorial radius, IAU 2015 resolution B3
EARTH_MASS = 3.986004e14 / GRAVITATIONAL_CONSTANT  # kg, nominal GM of the same resolution
SOLAR_LUMINOSITY = 3.828e26  # W, nominal, IAU 2015 resolution B3
SOLAR_MASS = 1.3271244e20 / GRAVITATIONAL_CONSTANT  # kg, nominal GM of the same resolution
ASTRONOMICAL_UNIT = 149597870700.0  # m, IAU 2012 resolution B2 (exact)
JUPITER_RADIUS = 7.1492e7  # m, nominal equatorial radius of the same resolution
JUPITER_MASS = 1.2668653e17 / GRAVITATIONAL_CONSTANT  # kg, nominal GM of the same resolution
